"""Rows that are the same and come in another order, and who goes by their order."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from analytics_tools.artifacts import Model
from analytics_tools.changes.pair import Pair
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.reading import BUILT_ANEW
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
            if not above or not self._is_gone_by(uid, for_its_own=is_above):
                continue
            for one in above:
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

    def _is_gone_by(self, uid: str, for_its_own: bool) -> bool:
        """Whether what a node of head holds hangs on the order of what it reads, as far as that is
        another one; or its own order does.

        Not the last digit of a sum of doubles: that is no reason to build what it reads as well.
        """
        node = self._pair.head.project.relations[uid]
        one, two = (side.reading(uid).statement for side in self._sides)
        if not one or not two or not isinstance(node, Model) or node.materialized not in BUILT_ANEW:
            return True
        if for_its_own:
            return one.relation.whole != two.relation.whole
        return one.relation.bag != two.relation.bag

    @cached_property
    def _sides(self) -> tuple[Lineages, Lineages]:
        """Head as it is, and every node reading what it does in another order wherever it comes in
        one."""
        pair = self._pair

        def turned(uid: str, relation: Relation) -> Relation:
            return reordered(relation, "turned") if self._is_reordered(uid) else relation

        seeds = {uid: turned(uid, seed) for uid, seed in pair.seeds[1].items()}
        return (
            pair.head_lineages(
                rounded=True,
                seeds=pair.seeds[1],
                settle=lambda uid, _: pair.after.reading(uid).relation,
            ),
            pair.head_lineages(
                rounded=True,
                seeds=seeds,
                settle=lambda uid, _: turned(uid, pair.after.reading(uid).relation),
            ),
        )
