"""Pure functions on a directed graph given as ``{node: its neighbours}``.

They know nothing of dbt, never recurse (chains can be thousands long) and end on cycles, which dbt
never writes but a hand may.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

Edges = Mapping[str, tuple[str, ...]]


class Visit(NamedTuple):
    """How a walk came to a node: `depth` steps from the start, the last one from `via`."""

    depth: int
    via: str | None


def walk(start: str, edges: Edges, max_depth: int | None = None) -> dict[str, Visit]:
    """Visit everything reachable from `start`, nearest first.

    Returns:
        A visit for each node reached, `start` included at depth 0, in order of depth and, within
        one depth, as the edges list them. `via` makes up one shortest path.
    """
    visits = {start: Visit(0, None)}
    frontier = [start]
    depth = 0
    while frontier and (max_depth is None or depth < max_depth):
        depth += 1
        reached = []
        for node in frontier:
            for neighbour in edges.get(node, ()):
                if neighbour not in visits:
                    visits[neighbour] = Visit(depth, node)
                    reached.append(neighbour)
        frontier = reached
    return visits


def reachable(starts: Iterable[str], edges: Edges, max_depth: int | None = None) -> set[str]:
    """Return everything that can be reached from any of `starts`, these included."""
    found = set(starts)
    frontier = list(found)
    depth = 0
    while frontier and (max_depth is None or depth < max_depth):
        depth += 1
        reached = {below for node in frontier for below in edges.get(node, ())} - found
        found |= reached
        frontier = list(reached)
    return found


def path_to(node: str, visits: Mapping[str, Visit]) -> tuple[str, ...]:
    """Return the walk's path from its start to `node`, both included."""
    path: list[str] = []
    step: str | None = node
    while step is not None:
        path.append(step)
        step = visits[step].via
    return tuple(reversed(path))


def in_order(parents: Edges, children: Edges | None = None) -> list[str]:
    """Return the nodes so that each comes after its parents (Kahn's algorithm).

    Nodes on a cycle, and those below one, come last, by name. Parents that aren't among the nodes
    don't count. `children`, if they are known, are those of `parents` and of nothing else.
    """
    missing = {node: len(above) for node, above in parents.items()}
    children = turned_round(parents) if children is None else children
    for node, below in children.items():
        if node not in parents:
            for child in below:
                missing[child] -= 1
    ready = sorted(node for node, count in missing.items() if count == 0)
    for node in ready:  # grows while we go through it
        for child in children.get(node, ()):
            missing[child] -= 1
            if missing[child] == 0:
                ready.append(child)
    if len(ready) < len(parents):
        ready += sorted(set(parents) - set(ready))
    return ready


def turned_round(parents: Edges) -> dict[str, tuple[str, ...]]:
    """Return the children of each node that has any, sorted."""
    found: dict[str, list[str]] = {}
    for node, above in parents.items():
        for parent in above:
            below = found.get(parent)
            if below is None:
                found[parent] = [node]
            else:
                below.append(node)
    return {node: tuple(sorted(below)) for node, below in found.items()}


def reach_counts(order: Sequence[str], children: Edges, counted: Collection[str]) -> dict[str, int]:
    """Count, for each node, how many nodes of `counted` are downstream of it, itself left out.

    Args:
        order: the nodes, each after its parents, as `in_order` gives them.
        children: what stands directly below each; what isn't in `order` is passed over.
        counted: the nodes that count.

    Each set is one integer with a bit for each counted node: 10,000 models take some 30 ms. Bits
    are given out from below, so that the set of what has little below it is short.
    """
    with_itself: dict[str, int] = {}
    count: dict[str, int] = {}
    bit = 1
    for node in reversed(order):
        reach = 0
        for child in children.get(node, ()):
            reach |= with_itself.get(child, 0)
        count[node] = reach.bit_count()
        if node in counted:
            reach |= bit
            bit <<= 1
        with_itself[node] = reach
    return count


def chain_lengths(
    order: Sequence[str], parents: Edges, is_link: Callable[[str], bool]
) -> dict[str, int]:
    """Return the length of the longest unbroken chain of links that ends in each node of `order`.

    A node that is no link has length 0 and breaks the chain.
    """
    lengths: dict[str, int] = dict.fromkeys(order, 0)
    for node in order:
        if is_link(node):
            lengths[node] = 1 + max([lengths.get(parent, 0) for parent in parents[node]], default=0)
    return lengths


def chain_ending_in(node: str, parents: Edges, lengths: Mapping[str, int]) -> tuple[str, ...]:
    """Return the longest chain that ends in `node`, its first link first."""
    chain = [node]
    while lengths.get(chain[-1], 0) > 1:
        above = sorted(
            (p for p in parents.get(chain[-1], ()) if p not in chain),
            key=lambda parent: -lengths.get(parent, 0),
        )
        if not above or not lengths.get(above[0], 0):
            break
        chain.append(above[0])
    return tuple(reversed(chain))
