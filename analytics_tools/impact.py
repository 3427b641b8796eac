"""What stands downstream of a node: what may break, and who has to be told.

By whole nodes a reader of any column counts as touched; by columns only who reads one of these, or
lets it decide which rows there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from analytics_tools.artifacts import AnyNode, Model, Project, Relation
from analytics_tools.artifacts.naming import is_of, reads
from analytics_tools.artifacts.nodes import (
    Exposure,
    Metric,
    Node,
    Owner,
    Record,
    SavedQuery,
    SemanticModel,
    Test,
    meta_of,
)
from analytics_tools.graph import Visit, in_order, path_to, walk

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
    model, test, metric or exposure it is. `columns` are those of the node that are
    reached, when the question was about columns.
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
    columns: tuple[str, ...] = ()


class Cost(Record, frozen=True):
    """What it takes to build everything downstream, by the last run: seconds in all, and along the
    slowest path. `timed` counts the nodes that the run timed."""

    seconds: float
    slowest_seconds: float
    slowest_path: tuple[str, ...]
    timed: int


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
    columns: tuple[str, ...] = ()
    cost: Cost | None = None

    def of_kind(self, kind: str) -> tuple[Touched, ...]:
        """Return what is touched of one kind."""
        return tuple(one for one in self.touched if one.kind == kind)


def impact_of(
    project: Project,
    start: Relation,
    columns: tuple[str, ...] = (),
    reached: Mapping[str, tuple[str, ...]] | None = None,
) -> Impact:
    """Collect everything downstream of `start`.

    Args:
        columns: those the question is about, if it is about columns.
        reached: then the nodes with a relation that these reach, and which of their columns.
    """
    visits = _visits(project, start, reached)
    nodes = project.nodes_by_id
    touched = [
        _touched(nodes[uid], visit.depth, path_to(uid, visits), project, reached or {})
        for uid, visit in visits.items() if uid != start.unique_id
    ]  # fmt: skip
    rank = {kind: place for place, kind in enumerate(KINDS)}
    touched.sort(key=lambda t: (rank.get(t.kind, len(rank)), t.depth, t.name, t.unique_id))
    counts = Counter(one.kind for one in touched)
    kinds = sorted(counts, key=lambda k: rank.get(k, 99))
    cost = _cost(visits, project)
    on_paths = {uid for one in touched for uid in one.path}
    on_paths |= set(cost.slowest_path) if cost else set()
    return Impact(
        unique_id=start.unique_id,
        name=start.label,
        kind=start.kind,
        counts={kind: counts[kind] for kind in kinds},
        touched=tuple(touched),
        contacts=_contacts(touched),
        names={uid: nodes[uid].label for uid in sorted(on_paths)},
        columns=columns,
        cost=cost,
    )


def _visits(
    project: Project, start: Relation, reached: Mapping[str, tuple[str, ...]] | None
) -> Mapping[str, Visit]:
    """Walk all downstream of a node, or what is reached of it."""
    visits = walk(start.unique_id, project.readers)
    if reached is None:
        return visits
    kept = dict(project.readers)
    for uid in visits:
        semantic = project.semantic_models.get(uid)
        if semantic is not None:
            columns = _read_by(uid, project, reached)
            found = readers_through(project, uid, columns)
            # Its own metrics may be asked by any of its dimensions and entities.
            own = project.children[uid] if _asked_by(semantic, columns) else ()
            kept[uid] = tuple(sorted(found.union(own)))
        else:
            kept[uid] = tuple(c for c in kept[uid] if _is_reached(uid, c, project, reached))
    return walk(start.unique_id, kept)


def readers_through(project: Project, uid: str, columns: AbstractSet[str]) -> set[str]:
    """Return the metrics and saved queries that read columns through a semantic model.

    That is, metrics made of one, and whoever names a dimension or entity that is.

    Args:
        uid: the semantic model.
        columns: of the relation it stands on, in lower case; ``*`` is any.
    """
    semantic, metrics = project.semantic_models[uid], project.metrics
    measures = {m.name for m in semantic.measures or () if is_of(m, columns)}
    made = {
        child
        for child in project.children.get(uid, ())
        if child not in metrics or _is_made_of(metrics[child], measures, columns)
    }
    asked = _asked_by(semantic, columns)
    named = project.named_elements.get(uid, {})
    return made | {reader for reader, names in named.items() if names & asked}


def stands_on(project: Project, uid: str, columns: AbstractSet[str]) -> bool:
    """Whether a semantic model, or a metric made of it alone, has one of some columns."""
    semantic = project.semantic_models[uid]
    measured = any(is_of(one, columns) for one in semantic.measures or ())
    asked = _asked_by(semantic, columns)
    return measured or bool(asked) or bool(readers_through(project, uid, columns))


def _asked_by(semantic: SemanticModel, columns: AbstractSet[str]) -> set[str]:
    """Return the entities and dimensions that are of some columns, in lower case."""
    elements = (*(semantic.entities or ()), *(semantic.dimensions or ()))
    return {one.name.lower() for one in elements if is_of(one, columns)}


def _is_made_of(metric: Metric, measures: AbstractSet[str], columns: AbstractSet[str]) -> bool:
    """Whether a metric aggregates one of some measures or columns; also where nothing says."""
    params = metric.type_params
    if params is None:
        return True
    named = {one.name for one in (params.measure, *(params.input_measures or ())) if one}
    direct = params.metric_aggregation_params
    exprs = (params.expr, direct.expr if direct else None)
    unsaid = not named and exprs == (None, None)
    return unsaid or bool(named & measures) or reads(columns, *exprs)


def _read_by(
    uid: str, project: Project, reached: Mapping[str, tuple[str, ...]]
) -> AbstractSet[str]:
    """Return the columns that get to the relation a semantic model stands on, in lower case."""
    parents = project.parents.get(uid, ())
    return {column.lower() for parent in parents for column in reached.get(parent, ())}


def _is_reached(
    parent: str, child: str, project: Project, reached: Mapping[str, tuple[str, ...]]
) -> bool:
    """Whether a column that is asked for gets from one node into another."""
    if child in project.relations:
        return child in reached
    node = project.nodes_by_id[child]
    if isinstance(node, SemanticModel):
        return stands_on(project, child, _read_by(child, project, reached))
    if isinstance(node, Test) and node.column_name and parent in reached:
        named = node.column_name.strip('"`').lower()
        return named in {column.lower() for column in reached[parent]} or "*" in reached[parent]
    return True


def _cost(visits: Mapping[str, Visit], project: Project) -> Cost | None:
    """Return what the last run says of building all that was visited."""
    took = {
        uid: float(result.execution_time or 0)
        for uid, result in project.results.items()
        if uid in visits and uid in project.relations and result.execution_time
    }
    if not took:
        return None
    best: dict[str, tuple[float, str]] = {}
    kept = [uid for uid in visits if uid in project.relations]
    inside = {uid: tuple(p for p in project.parents.get(uid, ()) if p in visits) for uid in kept}
    for uid in in_order(inside):
        before = max(((best[p][0], p) for p in inside[uid] if p in best), default=(0.0, ""))
        best[uid] = (before[0] + took.get(uid, 0.0), before[1])
    last = max(best, key=lambda uid: (best[uid][0], uid))
    path, step = [], last
    while step and step not in path:
        path.append(step)
        step = best[step][1]
    return Cost(
        seconds=round(sum(took.values()), 3),
        slowest_seconds=round(best[last][0], 3),
        slowest_path=tuple(reversed(path)),
        timed=len(took),
    )


def _touched(
    node: AnyNode,
    depth: int,
    path: tuple[str, ...],
    project: Project,
    reached: Mapping[str, tuple[str, ...]],
) -> Touched:
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
        columns=reached.get(node.unique_id, ()),
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
    visits = walk(uid, project.readers)
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
