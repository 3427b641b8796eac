"""The answer of `changes`: frozen, and ready to be printed."""

from __future__ import annotations

from analytics_tools.artifacts.nodes import Record

# Kinds of change, the gravest first.
KINDS = (
    "removed",
    "disabled",
    "renamed",
    "added",
    "enabled",
    "unknown",
    "columns_removed",
    "columns_renamed",
    "rows",
    "values",
    "types",
    "columns_added",
    "contract",
    "fields",
    "config",
    "macro",
    "docs",
    "same_data",
    "cosmetic",
    "none",
)
# With one of these the data of a node may differ.
DATA = frozenset(
    ("added", "enabled", "unknown", "columns_removed", "columns_renamed", "rows", "values",
     "types", "columns_added")
)  # fmt: skip


class ColumnChange(Record, frozen=True):
    """How one column changes.

    `change` is added, removed, renamed, recased, value, type or rows (the same expression over
    other rows). `before` and `after` are names for a renamed column, types for a retyped one.
    """

    name: str
    change: str
    before: str = ""
    after: str = ""


class NodeChange(Record, frozen=True):
    """How one node changes.

    `change` is the gravest of `changes`. `direct` tells a node whose own code or settings were
    edited from one that only reads such a node. `because` says why, in sentences. `fields` are the
    settings that differ. `full_refresh` says what a plain run of an incremental model or snapshot
    would leave as it was, empty where there is no such thing, and `plain_run_fails` whether it
    comes to an end at all. `certain` is False where the worst was assumed.
    """

    unique_id: str
    name: str
    kind: str
    change: str
    changes: tuple[str, ...]
    direct: bool
    certain: bool
    columns: tuple[ColumnChange, ...]
    because: tuple[str, ...]
    fields: tuple[str, ...]
    full_refresh: str
    plain_run_fails: bool
    owner: str


class Break(Record, frozen=True):
    """A node that no longer works in head, and worked in base.

    `column` is what it misses, empty where that is no column. `upstream` is the node that lost it.
    `hits` are the unique ids of all that stands on the broken node, and `owners` whom to tell.
    """

    unique_id: str
    name: str
    kind: str
    column: str
    upstream: str
    reason: str
    certain: bool
    hits: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


class Changes(Record, frozen=True):
    """Everything that changes between base and head.

    `nodes` are those with any change but none, gravest first. `rebuild` are the models, seeds and
    snapshots whose data can differ, or that their settings want built anew, in the order of the
    graph; `unchanged` are all others that are built. `tests` are the data tests and unit tests that
    are new, changed, or stand on one of `rebuild`. `selection` is what to give ``dbt build
    --select`` for both. `unread` says which nodes could not be seen through, and why.
    """

    nodes: tuple[NodeChange, ...]
    rebuild: tuple[str, ...]
    unchanged: tuple[str, ...]
    tests: tuple[str, ...]
    breaks: tuple[Break, ...]
    selection: tuple[str, ...]
    unread: dict[str, str]
    counts: dict[str, int]
