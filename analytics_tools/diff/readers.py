"""Who reads a relation, and who a single column of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analytics_tools.artifacts import AnyNode, Model, Project
from analytics_tools.artifacts.nodes import Exposure, Metric, SemanticModel, Test
from analytics_tools.diff.model import ColumnChange, Readers
from analytics_tools.impact import readers_of
from analytics_tools.score.keys import folded, tested_columns

# Changes that a reader of the column may notice.
_NOTICED = {"removed", "renamed", "retyped"}


def relation_readers(project: Project | None, uid: str) -> Readers:
    """Return who reads a relation in `project`; nobody when it isn't there."""
    if project is None or uid not in project.nodes_by_id:
        return Readers()
    found = readers_of(project, uid)
    return Readers(direct=found["direct"], downstream=found["downstream"])


def with_readers(change: ColumnChange, project: Project | None, uid: str) -> ColumnChange:
    """Return a change of a column with those who read the column, where it may matter to them."""
    if project is None or change.change not in _NOTICED or uid not in project.nodes_by_id:
        return change
    name = change.before if change.change == "renamed" else change.column
    return ColumnChange(
        column=change.column,
        change=change.change,
        effect=change.effect,
        before=change.before,
        after=change.after,
        evidence=change.evidence,
        readers=tuple(sorted(_readers(project, uid, name))),
    )


def _readers(project: Project, uid: str, name: str) -> Iterator[str]:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    nodes = project.nodes_by_id
    for child in project.children.get(uid, ()):
        node = nodes[child]
        if _reads(node, word, name):
            yield child
        if isinstance(node, SemanticModel):
            yield from _metrics_on(node, word, project)


def _reads(node: AnyNode, word: re.Pattern[str], name: str) -> bool:
    """Whether a node below the relation names the column, or can't help but read it."""
    if isinstance(node, Model):
        return bool(word.search(node.compiled or node.code))
    if isinstance(node, Test):
        return folded(name) in tested_columns(node)
    if isinstance(node, SemanticModel):
        return bool(_elements(node, word))
    return isinstance(node, Exposure)


def _elements(node: SemanticModel, word: re.Pattern[str]) -> set[str]:
    """Return the names of entities, dimensions and measures that stand on the column."""
    elements = (*(node.entities or ()), *(node.dimensions or ()), *(node.measures or ()))
    return {
        element.name
        for element in elements
        if word.search(element.expr if isinstance(element.expr, str) else element.name)
    }


def _metrics_on(node: SemanticModel, word: re.Pattern[str], project: Project) -> Iterator[str]:
    """Yield the metrics whose measure or expression stands on the column."""
    touched = _elements(node, word)
    for uid in project.children.get(node.unique_id, ()):
        metric = project.metrics.get(uid)
        if metric is not None and _measures(metric, word) & (touched | {""}):
            yield uid


def _measures(metric: Metric, word: re.Pattern[str]) -> set[str]:
    """Return the names of the metric's measures; an empty one when its own expression names it."""
    params = metric.type_params
    if params is None:
        return set()
    names = {m.name for m in (params.measure, *(params.input_measures or ())) if m}
    direct = params.metric_aggregation_params
    for expression in (params.expr, direct.expr if direct else None):
        if isinstance(expression, str) and word.search(expression):
            names.add("")
    return names
