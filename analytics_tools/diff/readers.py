"""Who reads a relation, and who a single column of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from analytics_tools.artifacts import CatalogTable, Model, Project
from analytics_tools.artifacts.nodes import Exposure, SemanticModel, Snapshot, Test
from analytics_tools.diff.flow import Flow
from analytics_tools.diff.model import ColumnChange, Readers, RelationChange
from analytics_tools.impact import readers_of, readers_through, stands_on
from analytics_tools.score.keys import folded, tested_columns

# Changes that a reader of the column may notice.
_NOTICED = {"removed", "renamed", "retyped"}


def relation_readers(project: Project | None, uid: str) -> Readers:
    """Return who reads a relation in `project`; nobody when it isn't there."""
    if project is None or uid not in project.nodes_by_id:
        return Readers()
    found = readers_of(project, uid)
    return Readers(direct=found["direct"], downstream=found["downstream"])


def with_readers(
    changes: Sequence[RelationChange],
    project: Project | None,
    before: Mapping[str, CatalogTable],
    after: Mapping[str, CatalogTable],
) -> list[RelationChange]:
    """Return changes with those who read each column, where the change may matter to them.

    Args:
        project: the newer one, whose readers count.
        before, after: the tables of both sides.
    """
    if project is None:
        return list(changes)
    noticed = {
        one.unique_id: one.renamed_from or one.unique_id
        for one in changes
        if one.unique_id in project.nodes_by_id and any(map(_is_noticed, one.columns))
    }
    models = {c for uid in noticed for c in project.children[uid] if c in project.models}
    tables = {**after}
    for uid, former in noticed.items():
        tables[uid] = _both(before[former], after[uid])
    flow = Flow(project, tables, models)
    return [
        replace(one, columns=tuple(_with_readers(column, project, one.unique_id, flow)
                                   for column in one.columns))
        if one.unique_id in noticed
        else one
        for one in changes
    ]  # fmt: skip


def _is_noticed(change: ColumnChange) -> bool:
    return change.change in _NOTICED


def _both(old: CatalogTable, new: CatalogTable) -> CatalogTable:
    """Return a table with the columns of both sides."""
    return CatalogTable(metadata=new.metadata, columns={**new.columns, **old.columns})


def _with_readers(change: ColumnChange, project: Project, uid: str, flow: Flow) -> ColumnChange:
    if not _is_noticed(change):
        return change
    name = change.before if change.change == "renamed" else change.column
    found: dict[str, bool] = {}
    for reader, is_certain in _readers(project, uid, name, flow):
        found[reader] = found.get(reader, False) or is_certain
    return replace(
        change,
        readers=tuple(sorted(found)),
        certain_readers=tuple(sorted(reader for reader in found if found[reader])),
    )


def _readers(project: Project, uid: str, name: str, flow: Flow) -> Iterator[tuple[str, bool]]:
    """Yield what may read a column, each with whether it surely does."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    nodes = project.nodes_by_id
    for child in project.children.get(uid, ()):
        node = nodes[child]
        if isinstance(node, Model):
            used = flow.columns(child, uid)
            if used is not None and name.lower() in used:
                yield child, True
            elif word.search(node.compiled or node.code):
                yield child, False
        elif isinstance(node, Test):
            if folded(name) in tested_columns(node):
                yield child, True
        elif isinstance(node, SemanticModel):
            columns = {folded(name)}
            if stands_on(project, child, columns):
                yield child, True
            for reader in readers_through(project, child, columns):
                yield reader, True
        elif isinstance(node, Exposure | Snapshot):
            yield child, False
