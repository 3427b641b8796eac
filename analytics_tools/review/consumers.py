"""Who feels the change: exposures, metrics and saved queries, and the people behind them."""

from __future__ import annotations

from collections.abc import Iterable

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.nodes import Exposure, Metric, SavedQuery
from analytics_tools.changes import Break, Changes
from analytics_tools.graph import walk
from analytics_tools.impact import KINDS, Contact, owner_of
from analytics_tools.review.answer import Consumer

# With one of these, whoever reads a node may see something else.
MOVED = frozenset(
    ("removed", "disabled", "unknown", "columns_removed", "columns_renamed", "rows", "values",
     "types")
)  # fmt: skip
_TOLD = (Exposure, Metric, SavedQuery)
OTHER = "other values"
EFFECTS = ("breaks", "may break", OTHER)


def consumers_of(changes: Changes, failed: Iterable[str], head: Project) -> tuple[Consumer, ...]:
    """Return what people look at and that feels the change, the gravest effect first.

    Args:
        failed: unique ids of what the run could not build.
    """
    effects: dict[str, tuple[str, tuple[str, ...]]] = {}
    for one in sorted(changes.breaks, key=lambda b: not b.certain):
        effect = "breaks" if one.certain else "may break"
        for uid in (one.unique_id, *one.hits):
            if isinstance(head.nodes_by_id.get(uid), _TOLD):
                known = effects.get(uid, (effect, ()))
                via = known[1] if one.unique_id == uid else (*known[1], one.unique_id)
                effects[uid] = known[0], tuple(dict.fromkeys(via))
    for broken in failed:
        for uid in walk(broken, head.children):
            if isinstance(head.nodes_by_id.get(uid), _TOLD):
                via = effects[uid][1] if uid in effects else ()
                effects[uid] = "breaks", tuple(dict.fromkeys((*via, broken)))
    moved = {node.unique_id: node for node in changes.nodes if MOVED & set(node.changes)}
    for uid, node in head.nodes_by_id.items():
        if uid in effects or not isinstance(node, _TOLD):
            continue
        via = tuple(p for p in head.parents.get(uid, ()) if p in moved)
        if isinstance(node, Metric) and uid in moved and not via:
            via = _through(uid, head, moved)
        if uid in moved or (via and not isinstance(node, Metric)):
            effects[uid] = OTHER, via
    found = [_consumer(uid, effect, via, head) for uid, (effect, via) in effects.items()]
    found.sort(key=lambda one: (EFFECTS.index(one.effect), KINDS.index(one.kind), one.name))
    return tuple(found)


def _consumer(uid: str, effect: str, via: tuple[str, ...], head: Project) -> Consumer:
    node = head.nodes_by_id[uid]
    return Consumer(
        unique_id=uid,
        name=node.label,
        kind=node.kind,
        owner=owner_of(node, head),
        effect=effect,
        via=via,
    )


def _through(uid: str, head: Project, moved: Iterable[str]) -> tuple[str, ...]:
    """Return the models that a metric's semantic models stand on and that change."""
    models = [
        above
        for parent in head.parents.get(uid, ())
        if parent.startswith("semantic_model.")
        for above in head.parents.get(parent, ())
    ]
    return tuple(one for one in models if one in set(moved))


def contacts_of(
    consumers: Iterable[Consumer], breaks: Iterable[Break], changes: Changes, head: Project
) -> tuple[Contact, ...]:
    """Return whom to tell, owners of exposures first: of what breaks, or shows other values.

    Owners of models are told of what breaks. Whoever changes a model himself knows.
    """
    theirs: dict[str, dict[str, None]] = {}
    for one in consumers:
        if one.owner:
            theirs.setdefault(one.owner, {})[one.unique_id] = None
    edited = {node.unique_id for node in changes.nodes if node.direct}
    for broken in breaks:
        node = head.nodes_by_id.get(broken.unique_id)
        owner = owner_of(node, head) if node and broken.unique_id not in edited else ""
        if owner:
            theirs.setdefault(owner, {})[broken.unique_id] = None
    return tuple(Contact(owner=owner, of=tuple(of)) for owner, of in theirs.items())
