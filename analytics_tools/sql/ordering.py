"""What comes after the rows are made: DISTINCT, ORDER BY, LIMIT and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql.alike import is_alike
from analytics_tools.sql.combine import distinct as without_repeated
from analytics_tools.sql.combine import opaque
from analytics_tools.sql.core import Look, require_known
from analytics_tools.sql.relation import Relation, Rows, decided, h
from analytics_tools.sql.scope import Item, Scope, item_of

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader


class Ordering:
    """Reads by what a query is ordered, and which of its rows are kept."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def distinct(self, node: exp.Select, made: Relation, scope: Scope) -> Relation:
        """Apply DISTINCT and DISTINCT ON."""
        what = node.args.get("distinct")
        if what is None:
            return made
        on = what.args.get("on")
        if on is None:
            if made.open:
                return opaque(h("distinct", made.whole), [made])
            return without_repeated(made)
        look = Look()
        parts = on.expressions if isinstance(on, exp.Tuple) else [on]
        keys = sorted(self._reader.expressions.id(part, scope, look) for part in parts)
        order, told = self._order(node, made, scope, look)
        scope.decide(look.edges, "distinct")
        first = self._first(made, told.union(keys))
        rows = Rows(h("distinct on", first.id, *keys, "order", *order))
        deciders = scope.deciders
        return replace(
            made, rows=rows, seq=rows, deciders=deciders, unique=frozenset(), branches=()
        )

    def limited(self, node: exp.Expr, made: Relation, scope: Scope) -> Relation:
        """Apply ORDER BY, LIMIT and OFFSET (and FETCH, TOP, LIMIT BY)."""
        look = Look()
        order, told = self._order(node, made, scope, look)
        first = self._first(made, told)
        seq = Rows(h("ordered", first.id, *order)) if order else made.seq
        around = Scope(parent=scope, is_inner=False)
        limits = [
            h(
                key,
                *(self._reader.expressions.id(p, around, look) for p in many(part)),
            )
            for key in ("limit", "offset", "sample")
            if (part := node.args.get(key)) is not None
        ]
        if node.args.get("sample") is not None:
            self._reader.volatile = True
        if not limits:
            return replace(made, seq=seq, branches=()) if order else made
        # Which rows come first may hang on all that is computed, if the order leaves it open.
        every = [value.id for value in made.columns.values()] + [part.id for part in made.open]
        every = [] if first is made.rows else every
        rows = Rows(h("limit", seq.id, *limits, "of", *every))
        deciders = decided(made.deciders, by=look.edges, way="order with limit")
        return replace(made, rows=rows, seq=rows, branches=(), deciders=deciders)

    def _order(
        self, node: exp.Expr, made: Relation, scope: Scope, look: Look
    ) -> tuple[list[str], frozenset[str]]:
        """Return by what a query is ordered, and the values that this tells apart."""
        found: list[str] = []
        told: set[str] = set()
        for key in ("order", "sort", "cluster", "distribute"):
            order = node.args.get(key)
            for part in order.expressions if isinstance(order, exp.Expr) else ():
                what = part.this if isinstance(part, exp.Ordered) else part
                require_known(part, "this", "desc", "nulls_first")
                extra = [str(bool(part.args.get(k))) for k in ("desc", "nulls_first")]
                place = ordinal(what)
                if place is not None or isinstance(what, exp.Var):
                    values = list(made.columns.values())
                    ids = (
                        [v.id for v in values]
                        if place is None
                        else [v.id for v in values[place - 1 : place]]
                    )
                    ids = ids or [made.whole]
                else:
                    inner = self._outputs(made, scope)
                    ids = [self._reader.expressions.id(what, inner, look)]
                    own = ids[0]
                    if not isinstance(what, exp.Column):  # some look for aliases alone on their own
                        own = self._reader.expressions.id(what, scope, Look())
                    ids = ids if own == ids[0] else [h("either", *ids, own)]
                found.append(h("ordered", *ids, *extra, *([key] if key != "order" else [])))
                told.update(ids if key == "order" else ())
        return found, frozenset(told)

    def _first(self, made: Relation, told: frozenset[str]) -> Rows:
        """Return the rows from which an order takes the first: as they come, if it leaves ties.

        Of two rows alike in all their columns it makes no difference which is taken.
        """
        all_of_it = frozenset(
            value.id if is_alike(value, self._reader.dialect) else ""
            for value in made.columns.values()
        )
        alike = not made.open and all_of_it <= told
        return made.rows if alike or any(key <= told for key in made.unique) else made.seq

    @staticmethod
    def _outputs(made: Relation, scope: Scope) -> Scope:
        """Return a scope in which output columns hide those they are made of."""
        outputs: Item = item_of("", made)
        outputs.open = ()
        inner = Scope(
            [outputs], parent=scope, is_inner=False, grouped=scope.grouped, locals=scope.locals
        )
        inner.rows, inner.seq = scope.rows, scope.seq
        return inner


def ordinal(node: exp.Expr) -> int | None:
    """Return the place that a number in ORDER BY or GROUP BY means; None for anything else."""
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        return int(node.this)
    return None


def many(part: Any) -> list[Any]:
    """Return an argument of a node as a list."""
    if part is None or part is False:
        return []
    return list(part) if isinstance(part, list) else [part]
