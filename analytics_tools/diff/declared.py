"""YAML as if it were a catalog, so that drift between both is a comparison like any other."""

from __future__ import annotations

import json
from collections.abc import Sequence

from msgspec.structs import replace

from analytics_tools.artifacts import Catalog, CatalogColumn, CatalogTable, Project, Relation
from analytics_tools.artifacts.nodes import Source
from analytics_tools.diff.model import CatalogDiff, ColumnChange, Migration
from analytics_tools.diff.relations import Side, diff_catalogs
from analytics_tools.score.keys import folded


def declared_diff(project: Project) -> CatalogDiff:
    """Compare what YAML declares with what the catalog has, of relations that both know.

    Relations of which YAML declares no column are left out. A column without `data_type` takes the
    catalog's type, and the order of YAML means nothing. What is proposed is YAML that is true.
    """
    diff = diff_catalogs(*_sides(project))
    relations = tuple(
        replace(one, migrations=_mended(project.relations[one.unique_id], one.columns))
        for one in diff.relations
    )
    return replace(diff, relations=relations)


def _mended(relation: Relation, changes: Sequence[ColumnChange]) -> tuple[Migration, ...]:
    """Return the YAML to paste for the columns that are declared wrongly, or not at all."""
    typed = any(column.data_type for column in relation.columns.values())
    gone = [_quoted(one.column) for one in changes if one.change == "removed"]
    lines = [f"# take out {', '.join(gone)}"] if gone else []
    kept = [one for one in changes if one.change in ("added", "retyped", "renamed")]
    name = _quoted(relation.name)
    if kept and isinstance(relation, Source):
        source = _quoted(relation.source_name)
        lines += ["sources:", f"  - name: {source}", "    tables:", f"      - name: {name}"]
    elif kept:
        lines += [f"{relation.kind}s:", f"  - name: {name}"]
    indent = " " * (8 if isinstance(relation, Source) else 4)
    lines += [f"{indent}columns:"] * bool(kept)
    for one in kept:
        column = one.after if one.change == "renamed" else one.column
        lines.append(f"{indent}  - name: {_quoted(column)}")
        if typed and one.change != "renamed" and one.after:
            lines.append(f"{indent}    data_type: {_quoted(one.after)}")
    return (Migration("declare what is there", "yaml", "\n".join(lines)),) if lines else ()


def _quoted(name: str) -> str:
    """Return a name as YAML takes it, whatever is in it."""
    return json.dumps(name, ensure_ascii=False)


def _sides(project: Project) -> tuple[Side, Side]:
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
