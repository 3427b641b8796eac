"""UNION, EXCEPT and INTERSECT: two relations to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from analytics_tools.sql import clashes
from analytics_tools.sql.combine import by_name, distinct, opaque, union
from analytics_tools.sql.core import has
from analytics_tools.sql.findings import Clash, Problem
from analytics_tools.sql.relation import How, Leaf, Relation, Rows, Value, decided, h, merge, quoted
from analytics_tools.sql.scope import Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader


class SetOperations:
    """Reads a set operation of any two queries."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(
        self, node: exp.SetOperation, parent: Scope | None, absorbed: bool = False
    ) -> Relation:
        """Read a set operation. `absorbed` says that what is around removes duplicates anyway."""
        windows = self._reader.windows
        is_union = isinstance(node, exp.Union)
        once = bool(node.args.get("distinct")) and not absorbed
        inside = is_union and (once or absorbed)
        left = self._operand(node.this, parent, inside)
        right = self._operand(node.expression, parent, inside)
        self._reader.windows = windows
        if node.args.get("by_name"):
            left, right = by_name(left, right)
        reads = left.reads | right.reads
        if len(left.columns) != len(right.columns) and not (left.open or right.open):
            self._reader.problems.append(Problem("*", tuple(sorted(reads)), True))
        whole = left.open or right.open or len(left.columns) != len(right.columns)
        if whole or node.args.get("on") or node.args.get("side"):
            kind = quoted(
                f"{type(node).__name__} {node.args.get('distinct')} {node.args.get('side')}"
            )
            return opaque(h("set operation", kind, left.whole, right.whole), [left, right])
        columns = {}
        pairs = zip(left.columns.items(), right.columns.values(), strict=True)
        for (name, first), second in pairs:
            edges: dict[Leaf, How] = dict(first.edges)
            merge(edges, second.edges if is_union else {}, How.COPIED)
            type_, met = clashes.union((first.type, second.type), self._reader.dialect)
            if met:
                self._reader.clashes.append(Clash(*met, first.name))
            sure, both = first.sure and second.sure, first.facts & second.facts
            columns[name] = Value(first.id, first.name, edges, type_, sure, both)
        if not is_union:
            return self._subtracted(node, left, right, columns)
        made = union(left, right, columns, reads)
        return distinct(made) if once else made

    def _operand(self, node: exp.Expr, parent: Scope | None, absorbed: bool) -> Relation:
        """Read one side: a UNION within a UNION that removes duplicates needn't do so itself."""
        plain = not has(node, "with_", "order", "limit", "offset", "by_name", "on", "side")
        if absorbed and isinstance(node, exp.Union) and plain:
            return self.read(node, parent, absorbed=True)
        return self._reader.query(node, parent)

    def _subtracted(
        self, node: exp.Expr, left: Relation, right: Relation, columns: dict[str, Value]
    ) -> Relation:
        """EXCEPT and INTERSECT: rows of the left that the right has, or has not."""
        kind = f"{type(node).__name__} {bool(node.args.get('distinct'))}"
        sides = [h(side.rows.id, *(v.id for v in side.columns.values())) for side in (left, right)]
        if isinstance(node, exp.Intersect):  # what both have, whichever stands first
            sides.sort()
            columns = {
                key: value.become(h("both", *sides, str(place)))
                for place, (key, value) in enumerate(columns.items())
            }
        rows = Rows(h("less", quoted(kind), *sides))
        by = {**left.all_edges, **right.all_edges}
        deciders = decided(left.deciders, right.deciders, by=by, way="set operation")
        seq = Rows(h("less", rows.base, left.seq.id, right.seq.id))
        reads = left.reads | right.reads
        return Relation(columns, rows, seq, (), deciders, reads, frozenset(), left.width)
