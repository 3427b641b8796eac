"""Joins: which rows there are of two things, and what becomes of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql import facts, families
from analytics_tools.sql.core import CannotReadError, Look
from analytics_tools.sql.expressions import Conditions
from analytics_tools.sql.relation import (
    Follows,
    How,
    Leaf,
    Relation,
    Rows,
    Value,
    decided,
    h,
    merge,
    quoted,
)
from analytics_tools.sql.scope import Item, Scope, either

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

# Joins that keep no row of the right side which finds no partner.
_KEYED = frozenset(("inner", "left", "left outer", "left semi", "semi"))


# Joins whose rows are pairs of a row on the left and one on the right, or of none there.
_PAIRS = frozenset(("inner", "cross", "left", "left outer"))
_MOST_KEYS = 4  # of each side: a few are enough
_MOST_FOLLOW = 16


class Joins:
    """Joins things in a scope."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def put(
        self,
        scope: Scope,
        item: Item,
        relation: Relation,
        way: str,
        node: exp.Join | None = None,
        natural: bool = False,
    ) -> None:
        """Join one more thing to those in `scope`."""
        left, place, whole = list(scope.items), str(scope.width), relation.rows.id
        # A row without a key finds no partner: whether such rows are there makes no difference.
        if node is not None and way in _KEYED:
            matched = self._matched(node, item, left)
            relation = replace(relation, rows=relation.rows.split(matched)[0])
        looked_up = self._looked_up(scope, item, relation, way, node, natural)
        if looked_up:
            item.wrap("lookup", looked_up)
            scope.items.append(item)
            told = sorted(self._on(scope, item, left, node, natural).plain)
            # The rows are those they were; the order in which they come may be another.
            of = scope.seq.base, relation.seq.id
            scope.seq = replace(scope.seq, base=h("looked up", *of, looked_up, whole, place, *told))
        else:
            item.wrap("of", place, always=way in ("inner", "cross"))
            self._beside(scope, item, relation, way, node, natural)
        self._merge_sides(scope, item, left, way)
        scope.width += relation.width
        scope.deciders = decided(scope.deciders, relation.deciders)
        scope.reads = scope.reads | relation.reads
        if "semi" in way or "anti" in way:
            scope.items.pop()

    def _beside(
        self,
        scope: Scope,
        item: Item,
        relation: Relation,
        way: str,
        node: exp.Join | None,
        natural: bool,
    ) -> None:
        """Join something that may find several partners, or none."""
        left, place = list(scope.items), str(scope.width)
        keys = _keys_of_pairs(scope, relation, place) if way in _PAIRS else frozenset()
        scope.follows = _follow(scope, relation, way, node)
        if "right" in way or "full" in way:
            scope.wrap("or null", place)
        scope.items.append(item)
        conditions = self._on(scope, item, left, node, natural)
        if way == "inner":
            scope.filled |= conditions.filled
        self._rows(scope, relation, way, place, conditions)
        scope.unique = keys

    def _rows(
        self, scope: Scope, relation: Relation, way: str, place: str, conditions: Conditions
    ) -> None:
        # A row left out before is one that would have found partners of its own.
        rows, seq = (replace(one, repeated=None) for one in (scope.rows, scope.seq))
        if way in ("inner", "cross"):
            scope.rows = replace(
                rows, base=h("join", "inner", rows.base, relation.rows.id, place)
            ).where(conditions.ids, conditions.strict)
            scope.seq = replace(
                seq, base=h("join", "inner", seq.base, relation.seq.id, place)
            ).where(conditions.plain)
            return
        # Written otherwise, a condition may lead to another plan, and rows to another order.
        on, told = sorted(conditions.ids), sorted(conditions.plain)
        if way in ("left", "left outer"):
            made = h("join", "left", rows.base, relation.rows.id, place, *on)
            scope.rows = replace(rows, base=made)
            made = h("join", "left", seq.base, relation.seq.id, place, *on, "told", *told)
            scope.seq = replace(seq, base=made)
            return
        plain = {"right outer": "right", "full outer": "full"}.get(way, way)
        by_order = not ({"right", "full", "semi", "anti"} & set(plain.split()))
        first = (seq.id, relation.seq.id) if by_order else (rows.id, relation.rows.id)
        scope.rows = Rows(h("join", quoted(plain), *first, place, *on))
        seqs = seq.id, relation.seq.id
        scope.seq = Rows(h("join", quoted(plain), *seqs, place, *on, "told", *told))

    def _on(
        self,
        scope: Scope,
        item: Item,
        left: list[Item],
        node: exp.Join | None,
        natural: bool,
    ) -> Conditions:
        """Return the conditions of a join, and note what they read."""
        if node is None:
            return Conditions()
        look = Look()
        found = Conditions()
        for key, name in self._shared(item, left, node, natural):
            sides = [scope.joined.get(key) or self._of_left(left, key, name), item.get(key, name)]
            ids = sorted(side.id for side in sides if side is not None)
            strict = frozenset(ids)
            equal = frozenset({h("EQ", *ids)})
            found = found.and_(Conditions(equal, strict, strict, equal))
            for side in sides:
                merge(look.edges, side.edges if side else {}, How.COMPUTED)
            item.merged.add(key)
        for part in (node.args.get("on"), node.args.get("match_condition")):
            if part is not None:
                found = found.and_(self._reader.expressions.conditions(part, scope, look))
        scope.decide(look.edges, "join")
        return found

    def _shared(
        self, item: Item, left: list[Item], node: exp.Join, natural: bool
    ) -> list[tuple[str, str]]:
        if natural:
            if item.open or any(one.open for one in left):
                raise CannotReadError("a NATURAL JOIN of unknown columns")
            return [
                (key, value.name)
                for key, value in item.columns.items()
                if any(key in one.columns for one in left)
            ]
        using = node.args.get("using") or ()
        return [(self._reader.key(_identifier(part)), part.name) for part in using]

    @staticmethod
    def _of_left(left: list[Item], key: str, name: str) -> Value | None:
        found = [value for one in left if (value := one.get(key, name)) is not None]
        listed = [one.columns[key] for one in left if key in one.columns]
        return listed[0] if listed else either(found, name) if found else None

    def _merge_sides(self, scope: Scope, item: Item, left: list[Item], way: str) -> None:
        """Give the bare name of a USING column of a RIGHT or FULL join the value it has there."""
        full = "full" in way
        for key in item.merged if full or "right" in way else ():
            other = item.columns.get(key)
            mine = scope.joined.get(key) or self._of_left(left, key, key)
            if mine is None or other is None:
                continue
            edges: dict[Leaf, How] = dict(mine.edges)
            merge(edges, other.edges, How.COPIED)
            made = h("coalesce", mine.id, other.id) if full else other.id
            scope.joined[key] = Value(made, mine.name, edges, mine.type)

    def _looked_up(
        self,
        scope: Scope,
        item: Item,
        relation: Relation,
        way: str,
        node: exp.Join | None,
        natural: bool,
    ) -> str:
        """Return an id when a LEFT JOIN finds at most one row: it then leaves the rows alone."""
        if way not in ("left", "left outer") or node is None or natural:
            return ""
        unique = relation.unique | self._firsts(node, item, scope.items, relation)
        if not unique:
            return ""
        trial = Item(item.key, dict(item.columns), item.open, item.reads)
        trial.wrap("found", relation.rows.id)
        inside = Scope(
            [*scope.items, trial],
            parent=scope.parent,
            locals=scope.locals,
            joined=scope.joined,
        )
        left = list(scope.items)
        before = len(self._reader.problems), len(self._reader.clashes)
        conditions = self._on(inside, trial, left, node, natural)
        del self._reader.problems[before[0] :], self._reader.clashes[before[1] :]
        before_it = Scope(left, parent=scope.parent, locals=scope.locals, joined=scope.joined)
        matched = self._matched(node, item, left, before_it)
        if not any(key <= matched for key in unique):
            return ""
        return h("lookup", relation.rows.id, *sorted(conditions.ids))

    def _firsts(
        self, node: exp.Join, item: Item, left: list[Item], relation: Relation
    ) -> frozenset[frozenset[str]]:
        """Return keys of those rows that a join asks to be the first of theirs, as ``n = 1``."""
        numbered = {
            number: over.keys
            for number, over in self._reader.numbered.items()
            if over.rows.base == relation.rows.base
        }
        found = set()
        for one in _parts(node.args.get("on")) if numbered else ():
            if isinstance(one, exp.EQ) and one.right.is_int and one.right.name == "1":
                value = self._mine(one.left, item, left)
                if value is not None and value.id in numbered:
                    found.add(numbered[value.id])
        return frozenset(found)

    def _matched(
        self, node: exp.Join, item: Item, left: list[Item], alike: Scope | None = None
    ) -> frozenset[str]:
        """Return the ids of the columns that a join sets equal to something on its left.

        Args:
            alike: the left side, where both have to be of one type: of two texts that differ a
                cast may make one number.
        """
        found = set()
        for part in node.args.get("using") or ():
            name = _identifier(part)
            value = item.columns.get(self._reader.key(name))
            other = alike.column(self._reader.key(name), name.name) if alike else None
            if value is not None and (alike is None or (other and _of_one_type(value, other))):
                found.add(value.id)
        for one in _parts(node.args.get("on")):
            if not isinstance(one, exp.EQ):
                continue
            for mine, theirs in ((one.left, one.right), (one.right, one.left)):
                value = self._mine(mine, item, left)
                if value is None or self._reads_item(theirs, item):
                    continue
                if alike is None or _of_one_type(
                    value, self._reader.expressions.value(theirs, alike)
                ):
                    found.add(value.id)
        return frozenset(found)

    def _mine(self, node: exp.Expr, item: Item, left: list[Item]) -> Value | None:
        if not isinstance(node, exp.Column) or len(node.parts) > 2:
            return None
        if len(node.parts) == 2 and self._reader.key(node.parts[0]) != item.key:
            return None
        key = self._reader.key(node.this)
        if len(node.parts) == 1 and any(key in one.columns or one.open for one in left):
            return None
        return item.columns.get(key)

    def _reads_item(self, node: exp.Expr, item: Item) -> bool:
        if node.find(exp.Query):
            return True
        for column in node.find_all(exp.Column):
            if len(column.parts) == 1:
                if self._reader.key(column.this) in item.columns or item.open:
                    return True
            elif self._reader.key(column.parts[0]) == item.key:
                return True
        return False


def _of_one_type(one: Value, other: Value) -> bool:
    """Whether two values are compared as they are, or cast so that no two become one."""
    if (one.facts & other.facts) & (facts.TEXT | facts.EXACT | facts.DOUBLE):
        return True
    kind = families.family(one.type)
    return kind not in ("", families.NUMBER) and kind == families.family(other.type)


def _parts(on: exp.Expr | None) -> Iterator[exp.Expr]:
    """Go through the conditions that all have to be met."""
    for one in on.flatten() if isinstance(on, exp.And) else [on] if on is not None else []:
        yield one.unnest()


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _follow(scope: Scope, relation: Relation, way: str, node: exp.Join | None) -> Follows:
    """Return what follows from what in a join's rows: from a side's key, all columns of that."""
    if way not in _PAIRS:
        return ()
    left = frozenset(value.id for one in scope.items for value in one.columns.values())
    found = [*scope.follows, *((key, left) for key in scope.unique)]
    # Without a partner a row has no key on the right, and a subquery may see the left side.
    if way in ("inner", "cross") and node is not None and isinstance(node.this, exp.Table):
        place = str(scope.width)
        own = frozenset(value.id for value in relation.columns.values())
        for key, more in (*relation.follows, *((key, own) for key in relation.unique)):
            one, two = (frozenset(h("of", place, v) for v in side) for side in (key, more))
            found.append((one, two))
    return tuple(found[:_MOST_FOLLOW])


def _keys_of_pairs(scope: Scope, relation: Relation, place: str) -> frozenset[frozenset[str]]:
    """Return keys of a join's rows: one of the left side and one of the right, taken together."""
    left, right = (
        sorted(sorted(key) for key in side.unique)[:_MOST_KEYS] for side in (scope, relation)
    )
    return frozenset(
        frozenset((*one, *(h("of", place, value) for value in other)))
        for one in left
        for other in right
    )
