"""`add snapshot`: the history of a relation, as a YAML file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.describing import harmless
from analytics_tools.scaffold.house import House, most_common
from analytics_tools.scaffold.names import check_name, plural, spoken
from analytics_tools.scaffold.parents import Parent, check_new, entity_of, find_parent
from analytics_tools.scaffold.writing import check_free
from analytics_tools.scaffold.yaml_files import yaml_files
from analytics_tools.scaffold.yaml_text import dump

_UPDATED = "updated_at"
# They change with every delivery, and would make a version of each.
_OF_DELIVERY = {"updated_at", "loaded_at", "created_at"}


@dataclass(frozen=True)
class WantedSnapshot:
    """What was asked for; what is empty is found out."""

    name: str
    parent: str
    key: str = ""
    strategy: str = ""
    columns: tuple[str, ...] = ()
    personal: bool = False
    description: str = ""


def plan_snapshot(house: House, wanted: WantedSnapshot) -> Added:
    """Return the file of a new snapshot. Raises UsageError."""
    name = check_name("snapshot", wanted.name)
    if house.project is not None and not house.spelling.has_yaml_snapshots:
        raise UsageError(
            f"snapshots in YAML need dbt 1.9, and the manifest is of {house.project.dbt_version}"
        )
    parent = find_parent(house, wanted.parent)
    check_new(house, name)
    _check_personal(parent, allowed=wanted.personal)
    key = _key(parent, wanted)
    entry = {
        "name": name,
        "description": harmless(wanted.description) or _described(parent, key),
        "relation": parent.ref,
        "config": dict(_config(house, parent, wanted, key)),
        "columns": list(_columns(house, parent, key)),
    }
    path = f"{house.dbt.snapshot_path}/{name}.yml"
    check_free(house.root, path)
    change = Change(path, dump({"snapshots": [entry]}))
    notes = ("history begins with the first build, and can't be built again: back up its schema",)
    return Added("snapshot", name, (change,), notes=notes, next=f"dbt build --select {name}")


def _check_personal(parent: Parent, *, allowed: bool) -> None:
    personal = [column.name for column in parent.columns if column.is_personal]
    if personal and not allowed:
        raise UsageError(
            f"{parent.relation.name} has personal data ({', '.join(personal)}), which a snapshot "
            "keeps for ever: snapshot a model without it, or say --personal"
        )


def _key(parent: Parent, wanted: WantedSnapshot) -> str:
    key = wanted.key or parent.key
    if not key:
        raise UsageError(
            f"{parent.relation.name}: no test proves a column unique; say --key COLUMN"
        )
    unknown = [name for name in (key, *wanted.columns) if not parent.column(name)]
    if parent.columns and unknown:
        raise UsageError(f"{parent.relation.name} has no column {unknown[0]}")
    return key


def _described(parent: Parent, key: str) -> str:
    what = spoken(entity_of(key, parent.relation.name))
    return f"Every version of each {what} in {parent.relation.name} since the first build."


def _config(
    house: House, parent: Parent, wanted: WantedSnapshot, key: str
) -> Iterator[tuple[str, Any]]:
    others = [file.entries("snapshots") for file in yaml_files(house.dbt, "snapshots:")]
    configs = [one.get("config") or {} for entries in others for one in entries]
    for setting, default in (("schema", ""), ("hard_deletes", "invalidate")):
        seen = Counter(str(c[setting]) for c in configs if setting in c)
        value = most_common(seen) if seen else default
        if value:
            yield setting, value
    yield "unique_key", key
    strategy = wanted.strategy or (
        "check" if wanted.columns or not _is_dated(parent) else "timestamp"
    )
    yield "strategy", strategy
    if strategy == "timestamp":
        if not _is_dated(parent) and parent.columns:
            raise UsageError(f"{parent.relation.name} has no {_UPDATED}: take --strategy check")
        yield "updated_at", _UPDATED
        return
    checked = list(wanted.columns) or [
        c.name for c in parent.columns if c.name != key and c.name not in _OF_DELIVERY
    ]
    yield "check_cols", checked or "all"


def _is_dated(parent: Parent) -> bool:
    column = parent.column(_UPDATED)
    return column is not None and column.group == "timestamps"


def _columns(house: House, parent: Parent, key: str) -> Iterator[dict[str, Any]]:
    """The key and dbt's own columns, with the tests that tell a broken history."""
    what, tests = spoken(plural(entity_of(key, parent.relation.name))), house.spelling.data_tests
    column = parent.column(key)
    said = harmless(column.description) if column else ""
    yield {"name": key, "description": said or f"Which of the {what}.", tests: ["not_null"]}
    yield {
        "name": "dbt_scd_id",
        "description": "The key of the version.",
        tests: ["unique", "not_null"],
    }
    yield {
        "name": "dbt_valid_from",
        "description": "From when on the version holds.",
        tests: ["not_null"],
    }
