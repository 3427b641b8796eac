"""How the data of one node differs between two readings of it."""

from __future__ import annotations

from typing import NamedTuple

from analytics_tools.artifacts import CatalogTable
from analytics_tools.changes.answer import ColumnChange
from analytics_tools.lineage import Reading
from analytics_tools.sql.relation import Relation, Value


class Difference(NamedTuple):
    """What differs: kinds of change, gravest not first, and the columns."""

    kinds: tuple[str, ...] = ()
    columns: tuple[ColumnChange, ...] = ()


def difference(
    base: Reading,
    head: Reading,
    before: CatalogTable | None = None,
    after: CatalogTable | None = None,
) -> Difference:
    """Compare what a node holds. Nothing differs only if nothing can.

    Args:
        before, after: the relations as built, for the names of types.
    """
    one, two = base.relation, head.relation
    if one.whole == two.whole and _names(one) == _names(two):
        return Difference()
    kinds: list[str] = []
    if [part.id for part in one.open] != [part.id for part in two.open] or (
        one.open and (base.unread or head.unread) and one.rows.id != two.rows.id
    ):
        kinds.append("unknown")
    rows = one.rows.id != two.rows.id
    columns = [*_came_and_went(one, two), *_stayed(one, two, rows, (_types(before), _types(after)))]
    found = {column.change for column in columns}
    kinds += [kind for change, kind in _KINDS.items() if change in found]
    if rows:
        kinds.append("rows")
    return Difference(tuple(dict.fromkeys(kinds)), tuple(columns))


def _came_and_went(one: Relation, two: Relation) -> list[ColumnChange]:
    """Return the columns that one side alone has, renamed ones told apart.

    A side that may have others has those of which nobody knows.
    """
    unknown = [part.id for part in one.open] != [part.id for part in two.open]
    removed = [key for key in one.columns if key not in two.columns]
    added = [key for key in two.columns if key not in one.columns]
    renamed = _renamed(removed, added, one, two)
    pairs = [(one.columns[old].name, two.columns[new].name) for old, new in renamed.items()]
    columns = [ColumnChange(new, "renamed", old, new) for old, new in pairs]
    columns += [
        ColumnChange(one.columns[key].name, "removed")
        for key in removed
        if key not in renamed and not (unknown and two.open)
    ]
    columns += [
        ColumnChange(two.columns[key].name, "added")
        for key in added
        if key not in renamed.values() and not (unknown and one.open)
    ]
    return columns


def _stayed(
    one: Relation, two: Relation, rows: bool, types: tuple[dict[str, str], dict[str, str]]
) -> list[ColumnChange]:
    """Return what changes about the columns that both sides have."""
    return [
        change
        for key, value in two.columns.items()
        if key in one.columns
        for change in _kept(one.columns[key], value, rows, types)
    ]


_KINDS = {
    "removed": "columns_removed",
    "renamed": "columns_renamed",
    "recased": "columns_renamed",
    "added": "columns_added",
    "value": "values",
    "type": "types",
}


def _kept(
    old: Value, new: Value, rows: bool, types: tuple[dict[str, str], dict[str, str]]
) -> list[ColumnChange]:
    """Return how a column that both sides have differs."""
    if old.id != new.id:
        before, after = types[0].get(old.name.lower(), ""), types[1].get(new.name.lower(), "")
        if before and after and before != after:
            return [ColumnChange(new.name, "type", before, after)]
        if not (before and after) and _differ(old.type, new.type):
            return [ColumnChange(new.name, "type", _shown(old.type), _shown(new.type))]
        return [ColumnChange(new.name, "value")]
    if old.name != new.name:
        return [ColumnChange(new.name, "recased", old.name, new.name)]
    return [ColumnChange(new.name, "rows")] if rows else []


def _differ(one: str, two: str) -> bool:
    """Whether two types surely are two: of other families, or both exactly told."""
    one, two = one.replace("digits", "text"), two.replace("digits", "text")
    old, new = _shown(one), _shown(two)
    families = {one.partition(":")[0], two.partition(":")[0]}
    if not (old and new) or "null" in families:
        return False
    return len(families) == 2 or (old != new and families.isdisjoint((old, new)))


def _shown(type_: str) -> str:
    family, _, exact = type_.partition(":")
    return exact if exact and " of " not in exact else family


def _renamed(removed: list[str], added: list[str], one: Relation, two: Relation) -> dict[str, str]:
    """Pair columns that went with columns that came and are the same but for the name."""
    left = {two.columns[key].id: key for key in reversed(added)}
    pairs = {}
    for key in removed:
        match = left.pop(one.columns[key].id, None)
        if match is not None:
            pairs[key] = match
    return pairs


def _names(relation: Relation) -> list[str]:
    return [value.name for value in relation.columns.values()]


def _types(table: CatalogTable | None) -> dict[str, str]:
    return {c.name.lower(): c.type or "" for c in table.columns.values()} if table else {}
