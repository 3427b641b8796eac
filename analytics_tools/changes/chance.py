"""What holds the same on today's seeds only as long as rows come in the order they did."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analytics_tools.artifacts.nodes import Seed
from analytics_tools.graph import reachable
from analytics_tools.lineage.texts import reads
from analytics_tools.sql.dialect import UnreadableSqlError
from analytics_tools.sql.relation import Relation, reordered

if TYPE_CHECKING:
    from analytics_tools.changes.pair import Pair


class Chance:
    """Ties and sums of doubles, which the order of rows decides, in two versions of a project."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._found: set[str] = set()

    def decides(self, uid: str, relation: Relation) -> bool:
        """Whether it may be by chance that a node holds the same in both versions.

        Asked of each node after what it reads. `relation` is what its SQL yields in head.
        """
        found = self._may_reorder(uid, relation)
        if found:
            self._found.add(uid)
        return found

    def keeps_order(self, uid: str) -> bool:
        """Whether the rows of a node that holds the same are known to come in the same order too.

        Not behind edited code that puts them in order otherwise: there they come as they are
        hashed, and that is known of one thread alone.
        """
        return self._pair.contents.in_order(uid) and uid not in self._arranged_otherwise

    @cached_property
    def _arranged_otherwise(self) -> set[str]:
        """The nodes whose rows something else puts in order than in base, and all below."""
        from analytics_tools.sql.arranged import arranged_by

        pair = self._pair

        def differs(uid: str) -> bool:
            sides = [(side.sql_of(uid), side.dialect) for side in (pair.before, pair.after)]
            try:
                return arranged_by(*sides[0]) != arranged_by(*sides[1])
            except UnreadableSqlError:
                return True

        models = pair.edited & pair.head.project.models.keys()
        return reachable(filter(differs, models), pair.head.project.children)

    def _may_reorder(self, uid: str, relation: Relation) -> bool:
        """Whether what a node holds by the order of rows may be something else in head.

        What runs edited code may do so by another plan, and so in another order. Where seeds alone
        were edited, the order of their rows is known, and both versions were run in it.
        """
        above = reads(self._pair.head.project, uid)
        inherits = not self._found.isdisjoint(above)
        recoded = self._recoded.intersection(above)
        edited = uid in self._pair.edited
        if not (inherits or edited or any(map(self._is_only_reordered, recoded))):
            return False
        if not self._pair.contents.hangs_on_order(uid):
            return False
        return inherits or self._goes_by_order(uid, relation)

    @cached_property
    def _recoded(self) -> set[str]:
        """The nodes that are edited, or stand on what is; seeds left out."""
        pair = self._pair
        relations = pair.head.project.relations
        edited = (uid for uid in pair.edited if not isinstance(relations[uid], Seed))
        return reachable(edited, pair.head.project.children)

    def _goes_by_order(self, uid: str, relation: Relation) -> bool:
        """Whether the rows of a node of head hang, by its SQL, on the order of what it reads."""
        pair = self._pair

        def turned(one: str, found: Relation) -> Relation:
            return found if one == uid else reordered(pair.after.reading(one).relation, "turned")

        seeds = {one: reordered(seed, "turned") for one, seed in pair.seeds[1].items()}
        lineages = pair.head_lineages(seeds=seeds, settle=turned)
        return lineages.reading(uid).relation.bag != relation.bag

    def _is_only_reordered(self, uid: str) -> bool:
        """Whether a node has the rows it had, and may give them in another order.

        Its columns may stand in another order too: DISTINCT hashes them as they stand.
        """
        pair = self._pair
        if any(uid not in side.project.relations for side in (pair.base, pair.head)):
            return False
        before, after = (side.reading(uid).relation for side in (pair.before, pair.after))
        if before.seq.id == after.seq.id or before.content != after.content:
            return False
        return not (pair.contents.same(uid) and self.keeps_order(uid))
