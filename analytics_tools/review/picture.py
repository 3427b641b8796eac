"""The touched part of the graph, no larger than anybody reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analytics_tools.artifacts import Project
from analytics_tools.changes import Changes
from analytics_tools.review.answer import Box, Consumer, Picture

MOST = 24
_RANKS = ("breaks", "removed", "changed", "added", "consumer", "affected", "around")
_FAR = 6
_PEOPLE = ("exposure.", "metric.", "saved_query.")
_QUIET = frozenset(("cosmetic", "docs", "macro", "none", "same_data"))
_SHOWN = ("model", "seed", "snapshot", "source", "exposure", "metric", "saved_query")


def picture_of(
    changes: Changes, consumers: Iterable[Consumer], failed: Iterable[str], head: Project,
    base: Project,
) -> Picture:  # fmt: skip
    """Choose the nodes that matter most, and draw how they hang together."""
    states = _states(changes, consumers, failed)
    nodes = {**base.nodes_by_id, **head.nodes_by_id}
    ranked = sorted(
        (uid for uid in states if uid in nodes and uid.startswith(_SHOWN)),
        key=lambda uid: (_RANKS.index(states[uid]), uid),
    )
    chosen = _chosen(ranked, states)
    parents = {**base.parents, **head.parents}
    edges = [edge for uid in chosen for edge in _edges(uid, frozenset(chosen), parents)]
    if len(chosen) < 2 and not edges:
        return Picture()
    return Picture(
        nodes=tuple(
            Box(
                unique_id=uid,
                name=nodes[uid].label,
                kind=uid.partition(".")[0],
                state="affected" if states[uid] == "consumer" else states[uid],
            )
            for uid in chosen
        ),
        edges=tuple(edges),
        left_out=len(ranked) - len(chosen),
    )


def _chosen(ranked: list[str], states: Mapping[str, str]) -> list[str]:
    """Return at most `MOST` nodes: some causes, some of what breaks, some that people look at."""
    groups: dict[str, list[str]] = {"cause": [], "broken": [], "people": [], "rest": []}
    for uid in ranked:
        if uid.startswith(_PEOPLE):
            groups["people"].append(uid)
        elif states[uid] == "breaks":
            groups["broken"].append(uid)
        elif states[uid] in ("changed", "removed", "added", "around"):
            groups["cause"].append(uid)
        else:
            groups["rest"].append(uid)
    share = MOST // len(groups)
    first = {uid for group in groups.values() for uid in group[:share]}
    free = MOST - len(first)
    more = [uid for uid in ranked if uid not in first][:free]
    return [uid for uid in ranked if uid in first or uid in set(more)]


def _states(
    changes: Changes, consumers: Iterable[Consumer], failed: Iterable[str]
) -> dict[str, str]:
    states: dict[str, str] = {}
    for node in changes.nodes:
        kinds = set(node.changes)
        if kinds <= _QUIET:
            continue
        if kinds & {"removed", "disabled"}:
            states[node.unique_id] = "removed"
        elif kinds & {"added", "enabled"}:
            states[node.unique_id] = "added"
        else:
            states[node.unique_id] = "changed" if node.direct else "affected"
    for one in consumers:
        states[one.unique_id] = "breaks" if one.effect == "breaks" else "consumer"
    for broken in changes.breaks:
        if broken.certain:
            states[broken.unique_id] = "breaks"
        if broken.upstream:
            states.setdefault(broken.upstream, "around")
    states.update(dict.fromkeys(failed, "breaks"))
    return states


def _edges(
    uid: str, chosen: frozenset[str], parents: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str, bool]]:
    """Return the edges into a node; where nodes between are not shown, one that says so."""
    found: list[tuple[str, str, bool]] = []
    seen: set[str] = set()
    frontier = [(parent, True) for parent in parents.get(uid, ())]
    for _ in range(_FAR):
        following: list[tuple[str, bool]] = []
        for above, is_direct in frontier:
            if above in seen or above == uid:
                continue
            seen.add(above)
            if above in chosen:
                found.append((above, uid, is_direct))
            else:
                plain = is_direct and above.startswith("semantic_model.")
                following += [(one, plain) for one in parents.get(above, ())]
        frontier = following
    direct = {one for one, _, is_direct in found if is_direct}
    return [edge for edge in found if edge[2] or not _is_behind(edge[0], direct, parents)]


def _is_behind(uid: str, nearer: set[str], parents: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a node is a parent of one that is drawn already, so that the way there is seen."""
    return any(uid in parents.get(one, ()) for one in nearer)
