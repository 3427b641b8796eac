"""From the name a person types to the node they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TypeVar

from analytics_tools.artifacts.nodes import AnyNode, Model, Node, Relation
from analytics_tools.artifacts.project import Project
from analytics_tools.errors import AmbiguousNameError, UnknownNodeError

N = TypeVar("N", bound=Node)
# What is newer than the manifest isn't known yet, which is the likeliest reason.
_NEW = "run `dbt parse` first"


def find_model(project: Project, text: str) -> Model:
    """Return the model called `text`. Raises UnknownNodeError or AmbiguousNameError."""
    return _find(project, text, project.models.values(), "model")


def find_relation(project: Project, text: str) -> Relation:
    """Return the model, seed, snapshot or source called `text`.

    A model wins over a seed, snapshot or source of the same name.
    Raises UnknownNodeError or AmbiguousNameError.
    """
    if any(_answers(node, text) for node in project.models.values()):
        return find_model(project, text)
    return _find(project, text, project.relations.values(), "model, seed, snapshot or source")


def _find(project: Project, text: str, candidates: Iterable[N], kind: str) -> N:
    nodes = list(candidates)
    for node in nodes:
        if node.unique_id == text:
            return node
    found = _latest([node for node in nodes if _answers(node, text)])
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(node.unique_id for node in found))
        raise AmbiguousNameError(f"{text!r} means several nodes: {ids}; give one of these ids")
    raise UnknownNodeError(_unknown(project, text, nodes, kind))


def _answers(node: Node, text: str) -> bool:
    """Whether `text` is one of the node's names: bare, versioned, or with its package or source."""
    return text in (
        node.unique_id,
        node.name,
        node.label,
        f"{node.package_name}.{node.name}",
        f"{node.package_name}.{node.label}",
    )


def _latest(nodes: list[N]) -> list[N]:
    """Of several versions of one model keep the latest, which is what a bare `ref` means too."""
    latest = [node for node in nodes if isinstance(node, Model) and node.is_latest]
    if len(latest) == 1 and len({(node.package_name, node.name) for node in nodes}) == 1:
        return [node for node in nodes if node.unique_id == latest[0].unique_id]
    return nodes


def _unknown(project: Project, text: str, nodes: list[N], kind: str) -> str:
    for node in project.disabled:
        if text in (node.unique_id, node.name):
            return f"{text!r} is disabled in {node.original_file_path}; enable it and run dbt again"
    other = [node for node in project.nodes_by_id.values() if _answers(node, text)]
    if other:
        return f"{text!r} is a {_spoken(other[0])}, not a {kind}"
    folded = {node.label.casefold(): node.label for node in nodes}
    near = difflib.get_close_matches(text.casefold().rpartition("/")[2], folded, n=3, cutoff=0.5)
    unknown = f"no {kind} is called {text!r}{f' in {project.path}' if project.path else ''}"
    if near:
        names = " or ".join(folded[name] for name in near)
        return f"{unknown}; did you mean {names}? If it is new, {_NEW}"
    return f"{unknown}; the manifest has {len(nodes)} to choose from; if it is new, {_NEW}"


def _spoken(node: AnyNode) -> str:
    return node.kind.replace("_", " ")
