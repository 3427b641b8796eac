"""YAML as if it were a catalog, so that drift between both is a comparison like any other."""

from __future__ import annotations

from analytics_tools.artifacts import Catalog, CatalogColumn, CatalogTable, Project, Relation
from analytics_tools.diff.relations import Side
from analytics_tools.score.keys import folded


def declared_side(project: Project) -> tuple[Side, Side]:
    """Return what YAML declares and what the catalog has, of relations that both know.

    Relations of which YAML declares no column are left out. A column without `data_type` takes the
    catalog's type, and the order of YAML means nothing.
    """
    declared: dict[str, CatalogTable] = {}
    built: dict[str, CatalogTable] = {}
    for uid, relation in project.relations.items():
        table = project.tables.get(uid)
        if table is not None and relation.columns:
            declared[uid], built[uid] = _as_table(relation, table), table
    before, after = Catalog(nodes=declared), Catalog(nodes=built)
    return Side(before, project), Side(after, project)


def _as_table(relation: Relation, table: CatalogTable) -> CatalogTable:
    """Return the declared columns, spelled and placed as the catalog has them where it does."""
    real = {folded(column.name): column for column in table.columns.values()}
    columns: dict[str, CatalogColumn] = {}
    last = len(table.columns)
    for column in relation.columns.values():
        key = folded(column.name)
        found = real.get(key)
        if found is None and key.partition(".")[0] in real:
            continue  # a field of a record
        name = found.name if found else column.name
        last += found is None
        columns[name] = CatalogColumn(
            name=name,
            type=column.data_type or (found.type if found else "") or "",
            index=found.index if found else last,
        )
    return CatalogTable(metadata=table.metadata, columns=columns)
