"""What stands downstream of a node: what may break, and who has to be told.

Whole nodes only: a reader of any column counts as touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from analytics_tools.artifacts import AnyNode, Model, Project, Relation
from analytics_tools.artifacts.nodes import (
    Exposure,
    Metric,
    Node,
    Owner,
    Record,
    SavedQuery,
    Test,
    meta_of,
)
from analytics_tools.graph import path_to, walk

# The order in which kinds are told: what people see first, then what carries it, then its guards.
KINDS = (
    "exposure",
    "metric",
    "saved_query",
    "semantic_model",
    "model",
    "snapshot",
    "seed",
    "analysis",
    "operation",
    "unit_test",
    "test",
)


class Touched(Record, frozen=True):
    """A node downstream.

    `depth` counts steps from the start; `path` is one shortest way there, as unique ids, both ends
    included. `owner` is who answers for it, empty when nobody is named. `detail` is what kind of
    model, test, metric or exposure it is.
    """

    unique_id: str
    name: str
    kind: str
    detail: str
    package: str
    file: str
    depth: int
    path: tuple[str, ...]
    owner: str


class Contact(Record, frozen=True):
    """Somebody to tell, and the unique ids of what they answer for downstream."""

    owner: str
    of: tuple[str, ...]


class Impact(Record, frozen=True):
    """Everything downstream of one node.

    `touched` is in order of kind, depth and name. `counts` is by kind. `names` translates every
    unique id in `path` to the name people use.
    """

    unique_id: str
    name: str
    kind: str
    counts: dict[str, int]
    touched: tuple[Touched, ...]
    contacts: tuple[Contact, ...]
    names: dict[str, str]

    def of_kind(self, kind: str) -> tuple[Touched, ...]:
        """Return what is touched of one kind."""
        return tuple(one for one in self.touched if one.kind == kind)


def impact_of(project: Project, start: Relation) -> Impact:
    """Collect everything downstream of `start`."""
    visits = walk(start.unique_id, project.children)
    nodes = project.nodes_by_id
    touched = [
        _touched(nodes[uid], visit.depth, path_to(uid, visits), project)
        for uid, visit in visits.items()
        if uid != start.unique_id
    ]
    rank = {kind: place for place, kind in enumerate(KINDS)}
    touched.sort(key=lambda t: (rank.get(t.kind, len(rank)), t.depth, t.name, t.unique_id))
    counts = Counter(one.kind for one in touched)
    on_paths = {uid for one in touched for uid in one.path}
    return Impact(
        unique_id=start.unique_id,
        name=start.label,
        kind=start.kind,
        counts={kind: counts[kind] for kind in sorted(counts, key=lambda k: rank.get(k, 99))},
        touched=tuple(touched),
        contacts=_contacts(touched),
        names={uid: nodes[uid].label for uid in sorted(on_paths)},
    )


def _touched(node: AnyNode, depth: int, path: tuple[str, ...], project: Project) -> Touched:
    return Touched(
        unique_id=node.unique_id,
        name=node.label,
        kind=node.kind,
        detail=_detail(node),
        package=node.package_name,
        file=node.original_file_path,
        depth=depth,
        path=path,
        owner=owner_of(node, project),
    )


def _detail(node: AnyNode) -> str:
    if isinstance(node, Model):
        return node.materialized
    if isinstance(node, Test):
        return node.type_name
    return (node.type or "") if isinstance(node, Metric | Exposure) else ""


def owner_of(node: Node, project: Project) -> str:
    """Return who answers for a node, in words; empty when nobody is named.

    That is an exposure's owner, a model's group (with the group's owner), or `owner` in its meta.
    """
    if isinstance(node, Exposure):
        return str(node.owner or "")
    if isinstance(node, Model):
        group = node.group or node.config.group
        if group:
            known = project.group_named(group)
            owner: Owner | None = known.owner if known else None
            return f"{group} ({owner})" if owner and str(owner) else group
    if isinstance(node, Relation):
        named: object = meta_of(node).get("owner")
        return named if isinstance(named, str) else ""
    return ""


def _contacts(touched: list[Touched]) -> tuple[Contact, ...]:
    """Return the owners, those of exposures first, each with all that is theirs."""
    theirs: dict[str, list[str]] = {}
    for one in touched:  # exposures come first in this order
        if one.owner:
            theirs.setdefault(one.owner, []).append(one.unique_id)
    return tuple(Contact(owner=owner, of=tuple(of)) for owner, of in theirs.items())


def readers_of(project: Project, uid: str) -> Mapping[str, tuple[str, ...]]:
    """Return who reads a node: its direct children, and the exposures and metrics further down.

    Returns:
        Two lists of unique ids, ``direct`` (tests left out) and ``downstream``.
    """
    nodes = project.nodes_by_id
    visits = walk(uid, project.children)
    direct = [
        reader
        for reader in project.children.get(uid, ())
        if not reader.startswith(("test.", "unit_test."))
    ]
    told = (Exposure, Metric, SavedQuery)
    downstream = sorted(
        reader
        for reader, visit in visits.items()
        if visit.depth > 1 and isinstance(nodes[reader], told)
    )
    return {"direct": tuple(direct), "downstream": tuple(downstream)}
