"""Functions in expressions: aggregates, windows, what nobody knows; and queries inside."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from analytics_tools.sql import facts
from analytics_tools.sql.core import Core, Look, Numbered
from analytics_tools.sql.functions import (
    CLOCK_NAMES,
    CLOCKS,
    EQUAL_IS_ALIKE,
    LISTS,
    OF_A_SET,
    ORDERLESS,
    PEERS_ALIKE,
    PLAIN,
    PLAIN_NAMES,
    ROW_MAKER_NAMES,
    ROW_MAKERS,
    ROW_MAKING_DIALECTS,
    SUMS,
    VOLATILE,
    VOLATILE_NAMES,
    WITHOUT_FRAME,
    anonymous_name,
)
from analytics_tools.sql.negation import kind_of_literal
from analytics_tools.sql.ranks import BY_RANK, by_rank
from analytics_tools.sql.relation import Value, h, quoted
from analytics_tools.sql.scope import Scope

# Of these an answer is that of some row, or made of all: none is null if no row is.
_OF_SOME_ROW = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.AnyValue)
# Of these nulls are no part, whatever else they are given. DuckDB works out an average alone in
# another way than one of a CASE: the last digit differs.
_PASS_OVER_NULL = (exp.Sum, exp.Min, exp.Max, exp.Count)
_ROWS = h("count(*)")
_UNKNOWN_FUNCTIONS = (exp.Anonymous, exp.AnonymousAggFunc)


class Calls(Core):
    """Reads functions."""

    def _other(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read what has no reading of its own, and note what can't be trusted."""
        if isinstance(node, VOLATILE):
            self._reader.volatile = True
        elif isinstance(node, CLOCKS):
            self._reader.clocks = True
        if isinstance(node, exp.AggFunc):
            return self._aggregate(node, scope, look)
        if isinstance(node, exp.Query):
            return self._subquery(node, scope, look)
        made = self._generic(node, scope, look)
        if isinstance(node, ROW_MAKERS):
            look.row_makers.append(made)
        if scope.grouped and isinstance(node, exp.Func) and not isinstance(node, PLAIN):
            return self._as(h("in group", scope.grouped[1], scope.beside(), made), made, look)
        return made

    def _aggregate(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        look.aggregates = True
        once = node.this if isinstance(node, exp.Min | exp.Max) else None
        if isinstance(once, exp.Distinct) and len(once.expressions) == 1:
            # The greatest of values is that of each value once.
            node = type(node)(this=once.expressions[0], expressions=node.expressions)
        made = self._generic(node, scope, look)
        if scope.grouped is None:
            return made
        inner = self._given(node, scope, look)
        exact = self._sums_alike(node, inner)
        orderless = isinstance(node, ORDERLESS) or self._is_settled(node, scope)
        over = scope.grouped[0 if exact or orderless else 1]
        if isinstance(node, OF_A_SET):
            over = scope.grouped[2]
        if facts.is_list_of_first(node):
            over, orderless = scope.grouped[1], False
        if not orderless and not isinstance(node, SUMS):
            over = h(over, scope.beside())
        result = self._as(h("agg", over, made), made, look)
        of_some_row = isinstance(node, _OF_SOME_ROW) and not facts.is_list_of_first(node)
        if scope.keyed and inner & facts.FILLED and of_some_row:
            look.facts[result] |= facts.FILLED
        return result

    def _filter(self, node: exp.Filter, scope: Scope, look: Look) -> str:
        """Read ``sum(x) filter (where c)`` as the sum of x where c, and of null elsewhere."""
        function, where = node.this, node.expression
        # ClickHouse gives 0 where no row qualifies, not null.
        known = isinstance(function, _PASS_OVER_NULL) and self._dialect != "clickhouse"
        if not known or not isinstance(where, exp.Where):
            return self._generic(node, scope, look)
        what = function.this
        is_count = isinstance(function, exp.Count) and _counts_rows(function)
        if is_count:
            what = exp.Literal.number(1)
        if function.expressions or function.args.get("count") or not isinstance(what, exp.Expr):
            return self._generic(node, scope, look)
        once = isinstance(what, exp.Distinct)
        if once and len(what.expressions) != 1:
            return self._generic(node, scope, look)
        value = what.expressions[0] if once else what
        if not isinstance(value, exp.Expr) or isinstance(value, exp.Order | exp.Star):
            return self._generic(node, scope, look)
        case: exp.Expr = exp.Case(ifs=[exp.If(this=where.this, true=value)])
        case = exp.Distinct(expressions=[case]) if once else case
        return self.id(type(function)(this=case), scope, look)

    def _is_settled(self, node: exp.Expr, scope: Scope) -> bool:
        """Whether an aggregate that goes by an order of its own finds one order alone.

        Rows that come in any order are alike in what is taken of them, or there are none.
        """
        what, order = node.this, []
        if isinstance(node, LISTS) and isinstance(what, exp.Order):
            order, what = what.expressions, what.this
            if not isinstance(node.args.get("separator"), exp.Literal | None):
                return False
        elif isinstance(node, exp.ArgMax | exp.ArgMin) and not node.args.get("count"):
            order = [node.expression]
        if isinstance(what, exp.Distinct) and len(what.expressions) == 1:
            what = what.expressions[0]
        if not order or not isinstance(what, exp.Expr):
            return False
        trial = Look()
        ids = frozenset(
            self.id(part.this if isinstance(part, exp.Ordered) else part, scope, trial)
            for part in order
        )
        alike = isinstance(node, LISTS) and self._dialect in EQUAL_IS_ALIKE
        if alike and self.id(what, scope, trial) in ids:
            return True
        return any(key <= ids | scope.keys for key in scope.single)

    def _boolean_of_all(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read ``bool_and(x)``: what it is given becomes a boolean, written as a cast or not."""
        cast = node.this
        if type(cast) is exp.Cast and cast.to.this is exp.DType.BOOLEAN:
            node = type(node)(this=cast.this)
        return self._other(node, scope, look)

    def _frame(self, node: exp.WindowSpec, scope: Scope, look: Look) -> str:
        """Read a frame; one that only begins ends at the current row."""
        if node.args.get("start") and not node.args.get("end"):
            node = node.copy()
            node.set("end", "CURRENT ROW")
        return self._generic(node, scope, look)

    def _given(self, node: exp.Expr, scope: Scope, look: Look) -> int:
        """Return what is certain of the one thing that an aggregate is given."""
        what = node.this
        if isinstance(what, exp.Distinct) and len(what.expressions) == 1:
            what = what.expressions[0]
        if not isinstance(what, exp.Expr) or isinstance(what, exp.Star | exp.Distinct | exp.Order):
            return 0
        return look.facts.get(self.id(what, scope, look), 0)

    def _count(self, node: exp.Count, scope: Scope, look: Look) -> str:
        look.aggregates = True
        made = self._counted(node, scope, look)
        some = made == _ROWS and scope.keyed  # no group is without rows
        if scope.grouped:
            # What counts each value once, and isn't read as a count of rows.
            once = isinstance(node.this, exp.Distinct) and made == self._generic(node, scope, look)
            made = h("agg", scope.grouped[2 if once else 0], made)
        look.facts[made] = facts.FILLED | facts.EXACT | facts.INTEGER | facts.of_count(some)
        return made

    def _counted(self, node: exp.Count, scope: Scope, look: Look) -> str:
        """Return the id of what is counted: rows, where a value is never null or never twice."""
        if _counts_rows(node):
            return _ROWS
        what, once = node.this, False
        if isinstance(what, exp.Distinct) and len(what.expressions) == 1:
            what, once = what.expressions[0], True
        if node.expressions or not isinstance(what, exp.Expr) or isinstance(what, exp.Distinct):
            return self._generic(node, scope, look)
        one = self.id(what if once else _of_ones(what), scope, look)
        if once and frozenset((one,)) not in scope.single:
            return self._generic(node, scope, look)
        filled = look.facts.get(one, 0) & facts.FILLED
        return _ROWS if filled else h("Count", one)

    def _anonymous(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        name = anonymous_name(node)
        if name in VOLATILE_NAMES:
            self._reader.volatile = True
        elif name in CLOCK_NAMES:
            self._reader.clocks = True
        else:
            self._reader.unknown.add(name)
        was = look.bare
        made = h("call", quoted(name), *(self.id(part, scope, look) for part in node.expressions))
        look.bare = was
        look.unknown = look.unknown or bool(node.expressions)
        if name in ROW_MAKER_NAMES or self._dialect in ROW_MAKING_DIALECTS:
            look.row_makers.append(made)
        if isinstance(node, exp.AnonymousAggFunc):
            look.aggregates = True
        if not scope.grouped or name in PLAIN_NAMES.get(self._dialect, ()):
            return made
        return h("in group", scope.grouped[1], scope.beside(), made)

    def _window(self, node: exp.Window, scope: Scope, look: Look) -> str:
        look.windows = True
        partition, order, spec = self._parts(node)
        was = look.aggregates
        function = self._plain(node.this, scope, look)
        look.aggregates = was
        keys = sorted(self.id(part, scope, look) for part in partition or ())
        by_value = spec is None or str(spec.args.get("kind")).upper() == "RANGE"
        # A frame may reckon with the numbers themselves, and so may a function nobody knows.
        ranked = (spec is None or not by_value) and isinstance(_core(node.this), BY_RANK)
        ordered = [
            self._arg(by_rank(part) if ranked else part, scope, look)
            for part in (order.expressions if order else ())
        ]
        core = _core(node.this)
        if isinstance(core, WITHOUT_FRAME) and not node.this.find(exp.Order):
            spec = None
        if spec is not None and _is_default(spec):
            spec = None
        frame = self._arg(spec, scope, look) if spec is not None else ""
        first = str(node.args.get("first") or "")
        exact = by_value and self._sums_alike(core, look.facts.get(function, 0))
        alike = isinstance(core, PEERS_ALIKE) or (by_value and isinstance(core, ORDERLESS))
        by = [self._ordering(part, scope) for part in (order.expressions if order else ())]
        told = frozenset((*keys, *by))
        told_apart = self._told_apart(node, told, scope)
        over = scope.rows.id if alike or exact or told_apart else self._as_they_come(scope)
        rest = function, *keys, "order", *ordered, "frame", frame, first
        made = h("window", over, *rest)
        self._as(made, function, look)
        if isinstance(node.this, exp.RowNumber) and not node.this.find(exp.Order):
            rows = scope.rows
            once = rows.repeated and scope.told(told, node)
            other = h("window", rows.with_repeated().id, *rest) if once else ""
            steps = tuple(zip(by, ordered, strict=True))
            parts = tuple(
                Value(key, type=look.types.get(key, ""), facts=look.facts.get(key, 0))
                for key in keys
            )
            self._reader.numbered[made] = Numbered(parts, rows, steps, other)
        if not isinstance(core, facts.NUMBERS_OF_ROWS):
            look.facts[made] &= facts.OF_TYPE
        return made

    def _sums_alike(self, node: exp.Expr, inner: int) -> bool:
        """Whether a sum is the same for any order of rows."""
        if self._reader.rounded and isinstance(node, SUMS):
            return True
        return facts.in_any_order(node, inner, self._dialect)

    @staticmethod
    def _as_they_come(scope: Scope) -> str:
        """Return the id of the rows in the order in which a window finds them.

        One window is worked out after the other, and each may leave the rows in another order.
        """
        specs = scope.specs()
        return h("beside", scope.seq.id, *specs) if specs else scope.seq.id

    def spec(self, node: exp.Window, scope: Scope) -> str:
        """Return how a window divides and orders rows."""
        partition, order, _ = self._parts(node)
        trial = Look()
        keys = sorted(self.id(part, scope, trial) for part in partition or ())
        ordered = [self._arg(part, scope, trial) for part in order.expressions] if order else []
        return h("spec", *keys, "order", *ordered)

    def _parts(self, node: exp.Window) -> tuple[Any, Any, Any]:
        """Return partition, order and frame, from the WINDOW clause where it is named there."""
        found: list[Any] = [None, None, None]
        seen: set[str] = set()
        named: exp.Expr | None = node
        while named is not None:
            own = [named.args.get(key) for key in ("partition_by", "order", "spec")]
            found = [one or other for one, other in zip(found, own, strict=True)]
            alias = named.args.get("alias")
            key = self._key(alias) if alias else ""
            named = None if key in seen else self._reader.windows.get(key)
            seen.add(key)
        return found[0], found[1], found[2]

    def _told_apart(self, node: exp.Window, told: frozenset[str], scope: Scope) -> bool:
        """Whether it makes no difference which of two rows alike in all of `told` comes first.

        No two rows are peers where a key of the rows is among what orders the window.
        """
        if node.this.find(exp.Order):  # it has an order of its own
            return False
        known = told | scope.following(told)
        if any(key <= known for key in scope.unique):
            return True
        # Peers that are alike in all that anybody sees of them may be numbered either way.
        return isinstance(_core(node.this), exp.RowNumber) and scope.told(told, node)

    def _ordering(self, part: exp.Expr, scope: Scope) -> str:
        """Return the id of the value that a part of ORDER BY orders by."""
        return self.id(part.this if isinstance(part, exp.Ordered) else part, scope, Look())

    def _plain(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read the function of a window: an aggregate there does not group the query."""
        if isinstance(node, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            rest = [
                self._arg(value, scope, look)
                for key, value in node.args.items()
                if key != "this" and value
            ]
            return h(type(node).__name__, self._plain(node.this, scope, look), *rest)
        if isinstance(node, exp.Count):
            made = self._counted(node, scope, look)
            look.facts[made] = facts.FILLED | facts.EXACT | facts.INTEGER | facts.of_count(False)
            return made
        if isinstance(node, _UNKNOWN_FUNCTIONS):
            inner = [self.id(part, scope, look) for part in node.expressions]
            self._reader.unknown.add(anonymous_name(node))
            return h("call", quoted(anonymous_name(node)), *inner)
        return self._generic(node, scope, look)

    # -- queries inside ------------------------------------------------------------------------

    def _subquery(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        # A function may make a list of the rows, in their order: ARRAY(SELECT ...).
        in_order = isinstance(node.parent, exp.Func)
        return h("scalar", *self._queried(node, scope, look, with_columns=True, in_order=in_order))

    def _exists(self, node: exp.Exists, scope: Scope, look: Look) -> str:
        inner = node.this
        if not isinstance(inner, exp.Query):
            return self._generic(node, scope, look)
        return h("exists", *self._queried(inner, scope, look, with_columns=False))

    def _lambda(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        names = [part for part in node.expressions or () if isinstance(part, exp.Identifier)]
        if isinstance(node, exp.Comprehension):
            own = node.args.get("expression")
            names = (
                [own]
                if isinstance(own, exp.Identifier)
                else list(own.find_all(exp.Identifier))
                if own
                else []
            )
        was = scope.locals
        scope.locals = (*was, *(self._key(name) for name in names))
        made = self._generic(node, scope, look)
        scope.locals = was
        return made


def _counts_rows(node: exp.Count) -> bool:
    what = node.this
    if node.expressions or isinstance(what, exp.Distinct):
        return False
    if isinstance(what, exp.Literal):
        return True
    return what is None or (isinstance(what, exp.Star) and not any(what.args.values()))


def _of_ones(node: exp.Expr) -> exp.Expr:
    """Return a CASE that gives literals of one kind, or null, as one that gives 1 for each."""
    if not isinstance(node, exp.Case):
        return node
    branches = node.args.get("ifs") or []
    values = [one.args["true"] for one in branches]
    if node.args.get("default") is not None:
        values.append(node.args["default"])
    kinds = {kind_of_literal(one) for one in values if not isinstance(one, exp.Null)}
    if len(kinds) != 1 or "" in kinds:
        return node
    case = node.copy()
    for value in [*(one.args["true"] for one in case.args["ifs"]), case.args.get("default")]:
        if isinstance(value, exp.Literal):
            value.replace(exp.Literal.number(1))
    return case


def _core(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        node = node.this
    return node


def _is_default(spec: exp.Expr) -> bool:
    """Whether a frame is the one that holds where none is given."""
    said = {key: str(part).upper() for key, part in spec.args.items() if part}
    begin = {"kind": "RANGE", "start": "UNBOUNDED", "start_side": "PRECEDING"}
    return said in (begin, {**begin, "end": "CURRENT ROW"})
