"""What stands next to a node in the graph, no more than a picture can show."""

from __future__ import annotations

from analytics_tools.artifacts import Project, Relation
from analytics_tools.artifacts.nodes import GUARDS, Record
from analytics_tools.graph import Edges, walk

# A picture with more boxes than this is not read by anyone.
_MOST_EACH_WAY = 15
_DEEPEST = 2


class Neighbour(Record, frozen=True):
    """A box of the picture."""

    unique_id: str
    name: str
    kind: str


class Neighbourhood(Record, frozen=True):
    """Nodes up to two steps up and down, and the edges among them as pairs of unique ids.

    `left_out` counts nodes that are farther away, or that found no place.
    """

    nodes: tuple[Neighbour, ...]
    edges: tuple[tuple[str, str], ...]
    left_out: int


def neighbourhood_of(project: Project, node: Relation) -> Neighbourhood:
    """Collect the nearest nodes upstream and downstream of `node`."""
    above, more_above = _nearest(node.unique_id, project.parents)
    below, more_below = _nearest(node.unique_id, project.children)
    chosen = {node.unique_id, *above, *below}
    nodes = project.nodes_by_id
    return Neighbourhood(
        nodes=tuple(
            Neighbour(unique_id=uid, name=nodes[uid].label, kind=nodes[uid].kind)
            for uid in sorted(chosen)
        ),
        edges=tuple(
            (parent, uid)
            for uid in sorted(chosen)
            for parent in project.parents[uid]
            if parent in chosen
        ),
        left_out=more_above + more_below,
    )


def _nearest(start: str, edges: Edges) -> tuple[list[str], int]:
    """Return the nearest nodes one way, and how many more there are."""
    visits = walk(start, edges)
    shown = [uid for uid in visits if uid != start and not uid.startswith(GUARDS)]
    near = [uid for uid in shown if visits[uid].depth <= _DEEPEST][:_MOST_EACH_WAY]
    return near, len(shown) - len(near)
