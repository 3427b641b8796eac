"""Column lineage as an answer: of one node, and through the whole project."""

from __future__ import annotations

from collections.abc import Mapping

from analytics_tools.artifacts.nodes import Record
from analytics_tools.graph import in_order, walk
from analytics_tools.lineage.reading import Lineages
from analytics_tools.sql.relation import ANY, Edges, How, Relation, Value

_WORDS = {
    How.COPIED: "copied",
    How.RENAMED: "renamed",
    How.CAST: "cast",
    How.COMPUTED: "computed",
    How.AGGREGATED: "aggregated",
}


class Edge(Record, frozen=True):
    """One column that another is taken from; the column ``*`` means any of the node's.

    `how` is copied, renamed, cast, computed or aggregated. `certain` is False for a guess.
    """

    unique_id: str
    column: str
    how: str
    certain: bool


class ColumnLineage(Record, frozen=True):
    """A column, and where it comes from."""

    name: str
    upstream: tuple[Edge, ...]


class Decider(Record, frozen=True):
    """A column that decides which rows there are, and by which clauses it does."""

    unique_id: str
    column: str
    by: tuple[str, ...]


class NodeLineage(Record, frozen=True):
    """The columns of one node. `complete` is False where not all of them are known.

    `reason` says what could not be seen through, empty when all was.
    """

    unique_id: str
    name: str
    columns: tuple[ColumnLineage, ...]
    deciders: tuple[Decider, ...]
    complete: bool
    reason: str


def lineage_of(lineages: Lineages, uid: str) -> NodeLineage:
    """Return the lineage of one model, snapshot, seed or source."""
    reading = lineages.reading(uid)
    node = lineages.project.relations[uid]
    inner = reading.kept
    columns = tuple(
        ColumnLineage(name=value.name, upstream=_edges(value, key, inner))
        for key, value in reading.relation.columns.items()
    )
    deciders = tuple(
        Decider(unique_id=leaf[0], column=leaf[1], by=tuple(sorted(ways)))
        for leaf, ways in sorted((inner.deciders if inner else {}).items())
    )
    return NodeLineage(
        unique_id=uid,
        name=node.label,
        columns=columns,
        deciders=deciders,
        complete=not reading.relation.open,
        reason=reading.unread,
    )


def _edges(value: Value, key: str, inner: Relation | None) -> tuple[Edge, ...]:
    own = inner.columns.get(key) if inner else None
    if own is None:
        return ()
    edges: Edges = own.edges
    found = []
    for (uid, column), how in sorted(edges.items()):
        if how == How.COPIED and column.lower() != value.name.lower():
            how = How.RENAMED
        certain = own.sure and column != ANY
        found.append(Edge(unique_id=uid, column=column, how=_WORDS[how], certain=certain))
    return tuple(found)


class Step(Record, frozen=True):
    """A column reached while following one: `depth` edges away, over `via`."""

    unique_id: str
    column: str
    depth: int
    how: str
    certain: bool
    via: tuple[str, str]


def trace(
    found: Mapping[str, NodeLineage], uid: str, column: str, downstream: bool
) -> tuple[Step, ...]:
    """Follow one column as far as it goes, nearest first.

    Args:
        found: the lineage of every node that may be met.
    """
    edges: dict[tuple[str, str], list[tuple[str, str, Edge]]] = {}
    for node in found.values():
        for one in node.columns:
            for edge in one.upstream:
                here, there = (node.unique_id, one.name), (edge.unique_id, edge.column)
                start, stop = (there, here) if downstream else (here, there)
                edges.setdefault((start[0], start[1].lower()), []).append((*stop, edge))
    steps: list[Step] = []
    frontier = [(uid, column)]
    seen = {(uid, column.lower())}
    depth = 0
    while frontier:
        depth += 1
        reached: list[tuple[str, str]] = []
        for at in frontier:
            found_here = list(edges.get((at[0], at[1].lower()), ()))
            if downstream:
                found_here += edges.get((at[0], ANY), ())
            for end, name, edge in found_here:
                if (end, name.lower()) in seen:
                    continue
                seen.add((end, name.lower()))
                reached.append((end, name))
                how, sure = edge.how, edge.certain
                steps.append(
                    Step(unique_id=end, column=name, depth=depth, how=how, certain=sure, via=at)
                )
        frontier = reached
    return tuple(steps)


def reached(lineages: Lineages, start: str, columns: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the nodes that some columns reach, and which of their columns; ``*`` for their rows.

    A node whose rows are decided by a column is reached in all of its columns.
    """
    project = lineages.project
    below = walk(start, project.children)
    inside = {uid: project.parents.get(uid, ()) for uid in below if uid in project.relations}
    found: dict[str, tuple[str, ...]] = {start: columns}
    for uid in in_order(inside):
        if uid == start or not any(parent in found for parent in inside[uid]):
            continue
        own = lineage_of(lineages, uid)
        if any(_meets(one.unique_id, one.column, found) for one in own.deciders):
            found[uid] = (ANY,)
            continue
        if any("*" in found.get(parent, ()) for parent in inside[uid]) or own.reason:
            found[uid] = (ANY,)
            continue
        names = [
            one.name
            for one in own.columns
            if any(_meets(edge.unique_id, edge.column, found) for edge in one.upstream)
        ]
        if names or not own.complete:
            found[uid] = tuple(names) if own.complete else (ANY,)
    return found


def _meets(uid: str, column: str, found: Mapping[str, tuple[str, ...]]) -> bool:
    there = found.get(uid)
    if there is None:
        return False
    return column == ANY or ANY in there or column.lower() in {name.lower() for name in there}
