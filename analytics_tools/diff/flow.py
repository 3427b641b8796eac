"""Which columns of its parents a model uses, by the lineage of its compiled SQL.

Only the model itself is read: its parents stand as tables with the columns of a catalog. So the
cost is that of the models asked about, however large the project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from analytics_tools.artifacts import CatalogTable, Model, Project, Relation
from analytics_tools.artifacts.nodes import Source

if TYPE_CHECKING:
    from analytics_tools.lineage import NodeLineage

# Reading a model's SQL takes some 10 ms; with more models than this, names have to do.
MOST_MODELS = 60
_ANY = "*"


class Flow:
    """The columns that models use of what they read, found when asked for.

    Args:
        project: the one whose SQL counts.
        tables: the columns of relations, those that are gone included.
        models: the unique ids of those it may be asked about; none are read if they are too many.
    """

    def __init__(
        self, project: Project, tables: Mapping[str, CatalogTable], models: Collection[str]
    ) -> None:
        self._project = project
        self._tables = tables
        self._models = frozenset(models) if len(models) <= MOST_MODELS else frozenset()
        self._used: dict[str, Mapping[str, frozenset[str]] | None] = {}

    def columns(self, reader: str, uid: str) -> frozenset[str] | None:
        """Return the columns of `uid`, in lower case, that a model surely takes or goes by.

        None when the model's SQL can't be seen through.
        """
        if reader not in self._models:
            return None
        if reader not in self._used:
            self._used[reader] = _used_by(self._project.models[reader], self._project, self._tables)
        used = self._used[reader]
        return None if used is None else used.get(uid, frozenset())


def _used_by(
    model: Model, project: Project, tables: Mapping[str, CatalogTable]
) -> Mapping[str, frozenset[str]] | None:
    """Return the columns a model uses, by the relation they are of."""
    if not model.compiled or model.language not in (None, "sql"):
        return None
    found = _lineage(model, project, tables)
    if found.reason or not found.complete:
        return None
    used: dict[str, set[str]] = {}
    for column in found.columns:
        for edge in column.upstream:
            if edge.certain and edge.column != _ANY:
                used.setdefault(edge.unique_id, set()).add(edge.column.lower())
    for decider in found.deciders:
        if decider.column != _ANY:
            used.setdefault(decider.unique_id, set()).add(decider.column.lower())
    return {uid: frozenset(names) for uid, names in used.items()}


def _lineage(model: Model, project: Project, tables: Mapping[str, CatalogTable]) -> NodeLineage:
    from analytics_tools.artifacts.code import Code, NodeCode
    from analytics_tools.lineage import Lineages, lineage_of

    uid = model.unique_id
    parents = tuple(p for p in project.parents[uid] if p in project.relations)
    alone = replace(
        project,
        nodes={uid: model},
        sources={parent: _as_source(project.relations[parent]) for parent in parents},
        parents={uid: parents, **dict.fromkeys(parents, ())},
        catalog=None,
    )
    code = Code(nodes={uid: NodeCode(compiled_code=model.compiled)})
    return lineage_of(Lineages(alone, code, tables=tables), uid)


def _as_source(relation: Relation) -> Source:
    if isinstance(relation, Source):
        return relation
    return Source(
        unique_id=relation.unique_id,
        name=relation.name,
        package_name=relation.package_name,
        database=relation.database,
        schema=relation.schema,
        identifier=relation.alias,
        relation_name=relation.relation_name,
    )
