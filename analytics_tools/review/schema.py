"""How the columns of relations differ, classed, with who reads them and a safe way there."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from analytics_tools.artifacts import (
    Catalog,
    CatalogColumn,
    CatalogTable,
    Model,
    Project,
)
from analytics_tools.artifacts.companions import TableMetadata
from analytics_tools.changes import Changes, NodeChange
from analytics_tools.diff import ColumnChange, Effect, RelationChange, Side, diff_catalogs
from analytics_tools.diff.migration import migrations_for

Tables = Mapping[str, CatalogTable]
_COLUMNS = frozenset(("added", "removed", "renamed", "recased", "type"))


def schema_changes(
    base: Project, head: Project, changes: Changes, built: tuple[Tables, Tables]
) -> tuple[RelationChange, ...]:
    """Return the relations whose columns differ, those that may break a reader first.

    Args:
        built: columns as the warehouses have them, by unique id, for base and head. Where they
            don't tell of both sides the catalogs do, and else what is read from the SQL.
    """
    nodes = {node.unique_id: node for node in changes.nodes}
    wanted: dict[str, NodeChange | None] = {uid: nodes.get(uid) for uid in changes.rebuild}
    for node in changes.nodes:
        if any(column.change in _COLUMNS for column in node.columns):
            wanted[node.unique_id] = node
    before: dict[str, CatalogTable] = {}
    after: dict[str, CatalogTable] = {}
    for uid, change in sorted(wanted.items()):
        if uid not in base.relations or uid not in head.relations:
            continue
        pair = _tables(uid, change, base, head, built)
        if pair is not None:
            before[uid], after[uid] = pair
    diff = diff_catalogs(Side(Catalog(nodes=before), base), Side(Catalog(nodes=after), head))
    return tuple(
        _renamed(one, nodes.get(one.unique_id), head) for one in diff.relations if one.columns
    )


def _tables(
    uid: str,
    node: NodeChange | None,
    base: Project,
    head: Project,
    built: tuple[Tables, Tables],
) -> tuple[CatalogTable, CatalogTable] | None:
    for old, new in ((built[0], built[1]), (base.tables, head.tables)):
        if uid in old and uid in new and _is_of(node, old[uid], new[uid]):
            return old[uid], _called(new[uid], old[uid])
    return _as_read(node) if node else None


def _is_of(node: NodeChange | None, before: CatalogTable, after: CatalogTable) -> bool:
    """Whether tables show the columns that the SQL says went and came: else one of them is old."""
    old = {name.lower() for name in before.columns}
    new = {name.lower() for name in after.columns}
    for one in node.columns if node else ():
        gone = {"removed": one.name, "renamed": one.before}.get(one.change, "").lower()
        came = {"added": one.name, "renamed": one.after}.get(one.change, "").lower()
        if (gone and (gone in new or gone not in old)) or (came and came not in new):
            return False
    return True


def _called(table: CatalogTable, like: CatalogTable) -> CatalogTable:
    """Return a table under the other one's name: where CI builds is no change."""
    metadata = replace(table.metadata, name=like.metadata.name, schema=like.metadata.schema)
    return replace(table, metadata=metadata)


def _as_read(node: NodeChange) -> tuple[CatalogTable, CatalogTable] | None:
    """Return tables of those columns alone that the SQL says differ."""
    old: dict[str, CatalogColumn] = {}
    new: dict[str, CatalogColumn] = {}
    for place, one in enumerate(node.columns, 1):
        if one.change == "removed":
            old[one.name] = CatalogColumn(name=one.name, index=place)
        elif one.change == "added":
            new[one.name] = CatalogColumn(name=one.name, index=place)
        elif one.change in ("renamed", "recased"):
            old[one.before] = CatalogColumn(name=one.before, index=place)
            new[one.after] = CatalogColumn(name=one.after, index=place)
        elif one.change == "type":
            old[one.name] = CatalogColumn(name=one.name, type=one.before, index=place)
            new[one.name] = CatalogColumn(name=one.name, type=one.after, index=place)
    if not old and not new:
        return None
    kind = TableMetadata(type="table", name=node.name)
    return CatalogTable(metadata=kind, columns=old), CatalogTable(metadata=kind, columns=new)


def _renamed(relation: RelationChange, node: NodeChange | None, head: Project) -> RelationChange:
    """Return the change with those renames that lineage knows and names alone didn't show."""
    renames = {c.before: c.after for c in node.columns if c.change == "renamed"} if node else {}
    added = {c.column: c for c in relation.columns if c.change == "added"}
    columns: list[ColumnChange] = []
    taken: set[str] = set()
    for one in relation.columns:
        new = renames.get(one.column, "") if one.change == "removed" else ""
        if new and new in added:
            taken.add(new)
            why = ("it is computed from the same",)
            columns.append(replace(one, change="renamed", effect=Effect.INCOMPATIBLE,
                                   before=one.column, after=new, evidence=why))  # fmt: skip
        else:
            columns.append(one)
    if not taken:
        return relation
    kept = tuple(c for c in columns if not (c.change == "added" and c.column in taken))
    model = head.models.get(relation.unique_id)
    safely = migrations_for(model, kept, head) if isinstance(model, Model) else ()
    return replace(relation, columns=kept, migrations=safely)
