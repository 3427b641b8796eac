"""What a plain run makes of a table that earlier runs built.

What belongs here: incremental models and snapshots, whose tables stay as a run finds them. What
does not: what their SQL selects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from analytics_tools.artifacts import AnyNode, Model
from analytics_tools.artifacts.nodes import Snapshot
from analytics_tools.changes.answer import DATA, ColumnChange
from analytics_tools.changes.pair import Pair


class PlainRun(NamedTuple):
    """What a plain run leaves as it was, in a sentence, and whether it fails."""

    text: str = ""
    fails: bool = False


def plain_run(
    node: AnyNode | None, kinds: Iterable[str], columns: tuple[ColumnChange, ...], pair: Pair
) -> PlainRun:
    """Say what a plain run does with a node of head that changes in `kinds` and `columns`."""
    touched = DATA & set(kinds) - {"added", "enabled"}
    if not touched or node is None:
        return PlainRun()
    if isinstance(node, Snapshot):
        recased = _recased(columns, pair)
        if recased:
            return PlainRun(f"a later run fails: it adds {recased}, which is there already", True)
        return PlainRun(
            "history already written stays as it was; only new versions follow the new logic"
        )
    old = pair.base.project.models.get(node.unique_id)
    was = old.materialized if old is not None else "incremental"
    if not isinstance(node, Model) or {node.materialized, was} != {"incremental"}:
        return PlainRun()
    if pair.head.code.node(node.unique_id).settings.get("full_refresh") is True:
        return PlainRun()
    why = _failure(node.config.on_schema_change or "ignore", columns, pair)
    if why:
        return PlainRun(f"a plain run fails: {why}: run it with --full-refresh", True)
    left = _left(node.config.on_schema_change or "ignore", touched, columns)
    return PlainRun("; ".join(left) + ": run it with --full-refresh" if left else "")


def _left(policy: str, touched: frozenset[str], columns: tuple[ColumnChange, ...]) -> list[str]:
    parts = []
    if {"values", "types", "rows", "unknown"} & touched:
        parts.append("rows already there keep what the old logic gave them")
    added = [c.name for c in columns if c.change == "added"]
    if added and policy == "ignore":
        parts.append(f"{', '.join(added)} would not be added (on_schema_change is ignore)")
    elif added:
        parts.append(f"{', '.join(added)} would be null in rows already there")
    gone = _gone(columns)
    if gone and policy != "sync_all_columns":
        parts.append(f"{', '.join(gone)} would stay")
    return parts


def _failure(policy: str, columns: tuple[ColumnChange, ...], pair: Pair) -> str:
    """Return why dbt can't add rows to the table as it is; empty where it can.

    Without `on_schema_change` dbt inserts into every column the table has.
    """
    named = [c.name for c in columns if c.change in ("added", "renamed", "removed", "type")]
    if named and policy == "fail":
        return f"{', '.join(named)} differs, and on_schema_change is fail"
    gone = _gone(columns)
    if gone and policy == "ignore":
        return f"the table has {', '.join(gone)}, which its SQL no longer has"
    recased = _recased(columns, pair)
    if recased and policy != "ignore":
        return f"it adds {recased}, which is there already"
    return ""


def _gone(columns: tuple[ColumnChange, ...]) -> list[str]:
    return [c.before or c.name for c in columns if c.change in ("removed", "renamed")]


def _recased(columns: tuple[ColumnChange, ...], pair: Pair) -> str:
    """Return the columns that dbt takes for new ones for their letters, and DuckDB doesn't."""
    if pair.head.project.adapter != "duckdb":
        return ""
    return ", ".join(c.name for c in columns if c.change == "recased")
