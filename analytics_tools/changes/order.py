"""Rows that are the same and come in another order, and who goes by their order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from analytics_tools.artifacts import Model
from analytics_tools.changes.pair import Pair
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.reading import BUILT_ANEW
from analytics_tools.lineage.texts import is_ephemeral
from analytics_tools.sql.relation import Relation, reordered


class Order:
    """The order of rows in two versions of a project."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def stale(self, built: Collection[str], rebuilt: Collection[str]) -> dict[str, str]:
        """Return what has to be put in order first, each with who may go by that.

        Args:
            built: whose data differs.
            rebuilt: what is built anyway.
        """
        pair = self._pair
        suspects = {u for u in pair.suspects if not u.startswith("source.")} - {*rebuilt}
        if not any(self._is_reordered(uid) and not self._is_same_view(uid) for uid in suspects):
            return {}
        found: dict[str, str] = {}
        todo = [(uid, False) for uid in sorted(built)]
        seen: set[str] = set()
        for uid, is_above in todo:
            above = [one for one in pair.after.tables_of(uid) if self._is_reordered(one)]
            for one in self._gone_by(uid, above, for_its_own=is_above):
                if one not in seen:
                    seen.add(one)
                    todo.append((one, True))
                    if one in suspects and not self._is_same_view(one):
                        found[one] = uid
        return found

    def _is_reordered(self, uid: str) -> bool:
        """Whether the rows of a node on both sides may come in another order, or are others."""
        pair = self._pair
        if uid not in pair.suspects or uid not in pair.base.project.relations:
            return False
        before, after = (side.reading(uid).relation.seq for side in (pair.before, pair.after))
        return before.id != after.id

    def _is_same_view(self, uid: str) -> bool:
        """Whether a node only shows what it reads, and how it does that is as it was."""
        node = self._pair.head.project.models.get(uid)
        if node is None or node.materialized not in ("view", "ephemeral"):
            return False
        return node.materialized == "ephemeral" or uid not in self._pair.edited

    def _gone_by(self, uid: str, above: list[str], for_its_own: bool) -> list[str]:
        """Return of what a node of head reads that of which the order decides what the node holds,
        or the order that its own rows come in.

        Not the last digit of a sum of doubles: that is no reason to build what it reads as well.
        """
        node = self._pair.head.project.relations[uid]
        known = isinstance(node, Model) and node.materialized in BUILT_ANEW
        before = self._as_it_is.reading(uid).statement if known and above else None
        if before is None:
            return above

        def differs(lineages: Lineages) -> bool:
            after = lineages.reading(uid).statement
            if after is None:
                return True
            one, two = before.relation, after.relation
            return one.whole != two.whole if for_its_own else one.bag != two.bag

        if not differs(self._turned):
            return []
        if len(above) == 1 or self._reads_ephemeral(uid):
            return above
        return [one for one in above if differs(self._reading_turned(one.__eq__))]

    def _reads_ephemeral(self, uid: str) -> bool:
        project = self._pair.head.project
        return any(is_ephemeral(project.relations.get(u)) for u in project.parents.get(uid, ()))

    @cached_property
    def _as_it_is(self) -> Lineages:
        """Head, every node reading what it does as that is."""
        return self._reading_turned(lambda _: False)

    @cached_property
    def _turned(self) -> Lineages:
        """Head, every node reading what it does in another order wherever it comes in one."""
        return self._reading_turned(self._is_reordered)

    def _reading_turned(self, is_turned: Callable[[str], bool]) -> Lineages:
        """Return head with some of what nodes read in another order, for one step each."""
        pair = self._pair

        def settled(uid: str, relation: Relation) -> Relation:
            return reordered(relation, "turned") if is_turned(uid) else relation

        return pair.head_lineages(
            rounded=True,
            seeds={uid: settled(uid, seed) for uid, seed in pair.seeds[1].items()},
            settle=lambda uid, _: settled(uid, pair.after.reading(uid).relation),
        )
