"""What a snapshot keeps: the versions of each row, and when each was in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import DBT_ADAPTERS
from analytics_tools.graph import reachable
from analytics_tools.lineage.stored import of_many_runs
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import How, Relation, Rows, Value, decided, h, quoted

_SETTINGS = (
    "unique_key",
    "strategy",
    "updated_at",
    "check_cols",
    "hard_deletes",
    "invalidate_hard_deletes",
    "dbt_valid_to_current",
    "snapshot_meta_column_names",
)
# By which columns dbt's own strategies tell that there is a new version.
_COMPARED = {
    "timestamp": ("unique_key", "updated_at"),
    "check": ("unique_key", "check_cols", "updated_at"),
}
_TEXTS = frozenset(("dbt_scd_id", "dbt_is_deleted"))


def history(
    settings: Mapping[str, Any], relation: Relation, dialect: str, own: bool = False
) -> Relation:
    """Return a snapshot of a query.

    A version is made when one of the columns compared is otherwise; another column is then kept as
    it is at that moment, and makes none.

    Args:
        own: whether the project makes snapshots in a way of its own.
    """
    text = json.dumps({k: settings.get(k) for k in _SETTINGS}, sort_keys=True, default=str)
    compared = relation.columns if own else _compared(settings, relation, dialect)
    held = [part for key in sorted(compared) for part in (quoted(key), compared[key].id)]
    held += [part.id for part in relation.open]
    made = h("snapshot", quoted(text), relation.rows.id, *held)
    columns = dict(of_many_runs(relation).columns)
    given = settings.get("snapshot_meta_column_names")
    names = given if isinstance(given, dict) else {}
    added = ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"]
    if settings.get("hard_deletes") == "new_record":
        added.append("dbt_is_deleted")
    clock = relation.columns.get(stored(str(settings.get("updated_at") or ""), dialect))
    timed = clock.type if clock and settings.get("strategy") == "timestamp" else "time"
    for name in added:
        shown = str(names.get(name) or name)
        type_ = "text" if name in _TEXTS else timed
        edges = dict.fromkeys(clock.edges if clock else (), How.COMPUTED)
        columns[stored(shown, dialect)] = Value(h("history", made, name), shown, edges, type=type_)
    rows = Rows(h("versions", made))
    leaves = {leaf for value in compared.values() for leaf in value.edges}
    return replace(
        relation,
        columns=columns,
        rows=rows,
        seq=rows,
        unique=frozenset(),
        branches=(),
        follows=(),
        deciders=decided(relation.deciders, by=leaves, way="version"),
    )


def _compared(settings: Mapping[str, Any], relation: Relation, dialect: str) -> Mapping[str, Value]:
    """Return the columns by which versions are told apart: all of them, where it isn't clear."""
    keys = _COMPARED.get(str(settings.get("strategy")))
    found: dict[str, Value] = {}
    for key in keys or ():
        value = settings.get(key)
        if value is None and key == "updated_at":
            continue  # then it is the moment of the run
        for name in value if isinstance(value, list) else [value]:
            column = stored(name, dialect) if isinstance(name, str) else ""
            if column not in relation.columns or value == "all":
                return relation.columns
            found[column] = relation.columns[column]
    return found if keys else relation.columns


def makes_its_own(project: Project) -> bool:
    """Whether a macro of the project's own may take the place of one of dbt's for snapshots."""
    macros = project.macros
    dbts = {uid for uid, one in macros.items() if one.package_name in {"dbt", *DBT_ADAPTERS}}
    first = [uid for uid in dbts if "snapshot" in macros[uid].name]
    calls = {uid: one.depends_on.macros for uid, one in macros.items()}
    called = {macros[uid].name for uid in reachable(first, calls) if uid in macros}
    return any(
        "snapshot" in one.name or one.name in called or one.name.partition("__")[2] in called
        for uid, one in macros.items()
        if uid not in dbts
    )
