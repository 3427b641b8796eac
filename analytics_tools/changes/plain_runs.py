"""What a plain run makes of a table that earlier runs built.

What belongs here: incremental models and snapshots, whose tables stay as a run finds them. What
does not: what their SQL selects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from analytics_tools.artifacts import AnyNode, Model
from analytics_tools.artifacts.nodes import Seed, Snapshot
from analytics_tools.changes.answer import DATA, ColumnChange
from analytics_tools.changes.pair import Pair
from analytics_tools.sql.declared import family_of


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
    if isinstance(node, Seed):
        codes = [side.code.node(node.unique_id).checksum for side in (pair.base, pair.head)]
        return _loaded(columns, codes[0] == codes[1], pair.head.project.adapter)
    if isinstance(node, Snapshot):
        recased = _recased(columns, pair)
        if recased:
            return PlainRun(f"a later run fails: it adds {recased}, which is there already", True)
        why = _refused(node, pair)
        if why:
            return PlainRun(f"a later run fails: {why}", True)
        told = "history already written stays as it was; only new versions follow the new logic"
        unlike = _unlike(columns, pair)
        more = f"; {unlike}: what the table can't take as that fails" if unlike else ""
        return PlainRun(told + more)
    old = pair.base.project.models.get(node.unique_id)
    was = old.materialized if old is not None else "incremental"
    if not isinstance(node, Model) or {node.materialized, was} != {"incremental"}:
        return PlainRun()
    if pair.head.code.node(node.unique_id).settings.get("full_refresh") is True:
        return PlainRun()
    policy = node.config.on_schema_change or "ignore"
    why = _failure(node.unique_id, policy, columns, pair) or _refused(node, pair)
    if why:
        return PlainRun(f"a plain run fails: {why}: run it with --full-refresh", True)
    left = _left(policy, touched, columns)
    unlike = _unlike(columns, pair)
    if unlike:
        left.append(f"{unlike}: what the table can't take as that, or compare with it, fails")
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


def _failure(uid: str, policy: str, columns: tuple[ColumnChange, ...], pair: Pair) -> str:
    """Return why dbt can't add rows to the table as it is; empty where it can.

    Without `on_schema_change` dbt inserts into every column the table has.
    """
    named = [c.name for c in columns if c.change in ("added", "renamed", "removed", "type")]
    if policy == "fail":
        told = {one.lower() for one in named}
        named += [one for one in pair.refusals.retyped(uid) if one.lower() not in told]
    if named and policy == "fail":
        return f"{', '.join(named)} differs, and on_schema_change is fail"
    gone = _gone(columns)
    if gone and policy == "ignore":
        return f"the table has {', '.join(gone)}, which its SQL no longer has"
    recased = _recased(columns, pair)
    if recased and policy != "ignore":
        return f"it adds {recased}, which is there already"
    return ""


def _refused(node: Model | Snapshot, pair: Pair) -> str:
    """Return what DuckDB says of a later run that can't compare old rows with new ones."""
    uid = node.unique_id
    settings = pair.head.code.node(uid).settings
    conditions = []
    if isinstance(node, Snapshot) and settings.get("strategy") == "timestamp":
        times = _names(settings.get("updated_at"))
        conditions = [f'old."dbt_valid_from" < new."{name}"' for name in times]
    if isinstance(node, Model) and settings.get("incremental_strategy") in (None, "delete+insert"):
        keys = _names(settings.get("unique_key"))
        conditions = [f'old."{key}" in (select "{key}" from new)' for key in keys]  # noqa: S608
    runs = pair.runs.of(uid)
    fault = pair.refusals.later(uid, [one.texts for one in runs or ()], conditions)
    return f"DuckDB refuses it: {fault}" if fault else ""


def _names(setting: Any) -> list[str]:
    """Return the columns that a setting names."""
    given = setting if isinstance(setting, list) else [setting]
    return [one for one in given if isinstance(one, str) and one.isidentifier()]


def _loaded(columns: tuple[ColumnChange, ...], same: bool, adapter: str) -> PlainRun:
    """A seed whose table is there is emptied and filled again, and keeps its columns and types.

    On DuckDB by the place of columns in the file, elsewhere by their names. `same` is whether its
    file is.
    """
    retyped = [c.name for c in columns if c.change == "type"]
    if same:
        return PlainRun(
            f"{', '.join(retyped)} would keep the old type: run it with --full-refresh"
            if retyped else ""
        )  # fmt: skip
    new = [c.name for c in columns if c.change in ("added", "renamed")]
    if adapter == "duckdb":
        why = _misplaced(columns)
    else:
        why = f"the table has no {', '.join(new)}" if new else ""
    if why:
        return PlainRun(f"a plain run fails: {why}: run it with --full-refresh", True)
    texts = [c.name for c in columns if c.change == "type" and _became_text(c)]
    if texts:
        why = f"{', '.join(texts)} is text now, and the table takes no such value"
        return PlainRun(f"a plain run fails: {why}: run it with --full-refresh", True)
    if new and adapter == "duckdb":
        old = ", ".join(_gone(columns))
        return PlainRun(f"{', '.join(new)} would go into {old}: run it with --full-refresh")
    return PlainRun()


def _misplaced(columns: tuple[ColumnChange, ...]) -> str:
    """Say how many columns a file has more or less than the table of its seed; empty if as many."""
    added, removed = (sum(c.change == kind for c in columns) for kind in ("added", "removed"))
    if added == removed:
        return ""
    number, word = abs(added - removed), "more" if added > removed else "less"
    return f"its file has {number} column{'s' * (number > 1)} {word} than the table"


def _became_text(column: ColumnChange) -> bool:
    return _family(column.after) == "text" and _family(column.before) in ("number", "time")


def _unlike(columns: tuple[ColumnChange, ...], pair: Pair) -> str:
    """Say which columns are of another family of types than the table that is there."""
    dialect = pair.after.dialect
    found = []
    for column in columns:
        old, new = (_family(t, dialect) for t in (column.before, column.after))
        if column.change == "type" and old and new and old != new:
            found.append(f"{column.name} was {old} and is {new}")
    return ", ".join(found)


def _family(type_: str, dialect: str = "") -> str:
    """Return the family of a type by its name, or by the family's own."""
    known = ("number", "text", "time", "boolean")
    return type_ if type_ in known else family_of(type_, dialect).partition(":")[0]


def _gone(columns: tuple[ColumnChange, ...]) -> list[str]:
    return [c.before or c.name for c in columns if c.change in ("removed", "renamed")]


def _recased(columns: tuple[ColumnChange, ...], pair: Pair) -> str:
    """Return the columns that dbt takes for new ones for their letters, and DuckDB doesn't."""
    if pair.head.project.adapter != "duckdb":
        return ""
    return ", ".join(c.name for c in columns if c.change == "recased")
