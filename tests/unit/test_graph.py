"""Graph functions, against the plainest way to compute the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics_tools.graph import (
    chain_ending_in,
    chain_lengths,
    in_order,
    path_to,
    reach_counts,
    reachable,
    turned_round,
    walk,
)

NODES = "abcdefg"


@st.composite
def graphs(draw: st.DrawFn, cycles: bool = True) -> dict[str, tuple[str, ...]]:
    """Parents of seven nodes."""
    parents = {}
    for place, node in enumerate(NODES):
        choice = NODES if cycles else NODES[:place]
        above = draw(st.sets(st.sampled_from(choice), max_size=3)) if choice else set()
        parents[node] = tuple(sorted(above - {node}))
    return parents


def turned(parents: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {n: tuple(m for m in NODES if n in parents[m]) for n in NODES}


@given(graphs(cycles=False))
def test_parents_come_first(parents: dict[str, tuple[str, ...]]) -> None:
    order = in_order(parents)
    assert sorted(order) == sorted(NODES)
    assert all(order.index(p) < order.index(n) for n in NODES for p in parents[n])


@given(graphs(cycles=False), st.sets(st.sampled_from(NODES)))
def test_parents_outside_of_a_part_are_not_waited_for(
    parents: dict[str, tuple[str, ...]], part: set[str]
) -> None:
    order = in_order({node: parents[node] for node in reversed(NODES) if node in part})
    assert sorted(order) == sorted(part)
    assert all(order.index(p) < order.index(n) for n in part for p in parents[n] if p in part)


@given(graphs())
def test_cycles_end(parents: dict[str, tuple[str, ...]]) -> None:
    assert sorted(in_order(parents)) == sorted(NODES)
    lengths = chain_lengths(in_order(parents), parents, lambda _: True)
    for node in NODES:
        assert chain_ending_in(node, parents, lengths)[-1] == node
    reach_counts(in_order(parents), turned(parents), NODES)


@given(graphs(cycles=False), st.sets(st.sampled_from(NODES)))
def test_reach(parents: dict[str, tuple[str, ...]], counted: set[str]) -> None:
    children = turned(parents)
    counts = reach_counts(in_order(parents), children, sorted(counted))
    for node in NODES:
        assert counts[node] == len((walk(node, children).keys() - {node}) & counted)


@given(graphs())
def test_paths_are_paths(parents: dict[str, tuple[str, ...]]) -> None:
    visits = walk("a", parents)
    for node, visit in visits.items():
        path = path_to(node, visits)
        assert (path[0], path[-1], len(path)) == ("a", node, visit.depth + 1)
        assert all(b in parents[a] for a, b in pairwise(path))
    assert set(walk("a", parents, max_depth=1)) == {"a", *parents["a"]}


def test_long_chains_need_no_recursion() -> None:
    parents = {str(n): ((str(n - 1),) if n else ()) for n in range(20_000)}
    lengths = chain_lengths(in_order(parents), parents, lambda _: True)
    assert lengths["19999"] == 20_000
    assert len(chain_ending_in("3000", parents, lengths)) == 3001


@given(graphs(), st.sets(st.sampled_from(NODES)), st.none() | st.integers(0, 3))
def test_from_several_starts(
    parents: dict[str, tuple[str, ...]], starts: set[str], depth: int | None
) -> None:
    one_by_one = {node for start in starts for node in walk(start, parents, depth)}
    assert reachable(starts, parents, depth) == one_by_one


@given(graphs())
def test_turned_round_twice(parents: dict[str, tuple[str, ...]]) -> None:
    kept = {node: above for node, above in parents.items() if above}
    assert turned_round(turned_round(parents)) == kept
