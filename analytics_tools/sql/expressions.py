"""Expressions to ids and edges, by rewrites that hold under three-valued logic and no others.

What is made alike: the order of AND, OR and of the sides of ``=`` and ``<>``; ``a > b`` and
``b < a``; BETWEEN and its two comparisons; the order of an IN list; ``if(a, b, c)`` and CASE;
``not a = b`` and ``a <> b``; ``count(1)`` and ``count(*)``; parentheses; nested COALESCE.
What is not, for NULL tells them apart: ``not in`` and ``not exists``, ``a = b`` and
``a is not distinct from b``, ``concat`` and ``||``, ``case when a then b`` and ``case a when``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from analytics_tools.sql import families
from analytics_tools.sql.dialect import fold
from analytics_tools.sql.functions import (
    CLOCK_NAMES,
    CLOCKS,
    ORDERLESS,
    PEERS_ALIKE,
    ROW_MAKER_NAMES,
    ROW_MAKERS,
    ROW_MAKING_DIALECTS,
    SUMS,
    VOLATILE,
    VOLATILE_NAMES,
    anonymous_name,
)
from analytics_tools.sql.relation import How, Leaf, Value, h, merge, quoted
from analytics_tools.sql.scope import Problem, Scope, missing

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

TRUE = h("literal", "true")
_UNKNOWN_FUNCTIONS = (exp.Anonymous, exp.AnonymousAggFunc)


class Look:
    """What was seen while an expression was read."""

    def __init__(self) -> None:
        self.edges: dict[Leaf, How] = {}
        self.aggregates = False
        self.windows = False
        self.bare = False  # a column outside of an unknown function
        self.unknown = False  # a function nobody knows, with arguments
        self.row_makers: list[str] = []
        self.sure = True
        self.types: dict[str, str] = {}


class Expressions:
    """Reads the expressions of one query."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._dialect = reader.dialect
        self._readers: dict[type, Callable[[Any, Scope, Look], str]] = {
            exp.Column: self._column,
            exp.Paren: self._inner,
            exp.Alias: self._inner,
            exp.Literal: _literal,
            exp.Boolean: lambda n, _s, _l: h("literal", str(n.this).lower()),
            exp.Null: lambda _n, _s, _l: h("null"),
            exp.And: self._connector,
            exp.Or: self._connector,
            exp.EQ: self._symmetric,
            exp.NEQ: self._symmetric,
            exp.NullSafeEQ: self._symmetric,
            exp.NullSafeNEQ: self._symmetric,
            exp.Mul: self._symmetric,
            exp.GT: self._turned,
            exp.GTE: self._turned,
            exp.LT: self._turned,
            exp.LTE: self._turned,
            exp.Not: self._not,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Case: self._case,
            exp.If: self._if,
            exp.Coalesce: self._coalesce,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Window: self._window,
            exp.Filter: self._generic,
            exp.Count: self._count,
            exp.Subquery: self._subquery,
            exp.Select: self._subquery,
            exp.Union: self._subquery,
            exp.Exists: self._exists,
            exp.Lambda: self._lambda,
            exp.Comprehension: self._lambda,
            exp.Anonymous: self._anonymous,
            exp.AnonymousAggFunc: self._anonymous,
            exp.Star: self._star,
        }
        self._args: dict[type, tuple[str, ...]] = {}

    def value(self, node: exp.Expr, scope: Scope, look: Look | None = None) -> Value:
        """Return the value of an expression, with the columns it is taken from."""
        look = look or Look()
        made = self.id(node, scope, look)
        how, inner = How.COMPUTED, node.unalias()
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Column):
            how = How.COPIED
        elif look.aggregates:
            how = How.AGGREGATED
        elif isinstance(inner, exp.Cast) and isinstance(inner.this, exp.Column):
            how = How.CAST
        edges: dict[Leaf, How] = {}
        merge(edges, look.edges, how)
        return Value(made, node.alias_or_name, edges, look.types.get(made, ""), look.sure)

    def id(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Return the id of an expression; what it is taken from goes into `look`."""
        read = self._readers.get(type(node))
        return read(node, scope, look) if read else self._other(node, scope, look)

    def conditions(self, node: exp.Expr, scope: Scope, look: Look) -> frozenset[str]:
        """Return the ids of conditions that all have to be true."""
        found: set[str] = set()
        todo = [node]
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Paren):
                todo.append(one.this)
            elif isinstance(one, exp.And):
                todo += [one.left, one.right]
            elif isinstance(one, exp.Between) and not one.args.get("symmetric"):
                todo += [
                    exp.GTE(this=one.this, expression=one.args["low"]),
                    exp.LTE(this=one.this, expression=one.args["high"]),
                ]
            elif not _always_true(one):
                found.add(self.id(one, scope, look))
        found.discard(TRUE)
        return frozenset(found)

    # -- names ---------------------------------------------------------------------------------

    def _column(self, node: exp.Column, scope: Scope, look: Look) -> str:
        look.bare = True
        if isinstance(node.this, exp.Star):
            return self._whole(self._key(node.args["table"]), scope, look)
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        value = self._found(parts, scope)
        if value is None:
            value = self._lost(parts, scope)
        merge(look.edges, value.edges, How.COPIED)
        look.sure = look.sure and value.sure
        if value.type:
            look.types[value.id] = value.type
        return value.id

    def _key(self, identifier: exp.Expr) -> str:
        return fold(identifier.name, bool(identifier.args.get("quoted")), self._dialect)

    def _found(self, parts: list[exp.Identifier], scope: Scope) -> Value | None:
        """Try the ways to read ``a.b.c``: relation and column, column and fields."""
        keys = [self._key(part) for part in parts]
        if len(keys) == 1 and keys[0] in scope.locals:
            return Value(h("local", quoted(keys[0])), parts[0].name)
        for place in range(min(len(parts) - 1, 3), 0, -1):
            item = scope.item(keys[place - 1])
            value = item.get(keys[place], parts[place].name) if item else None
            if value is not None:
                return _field(value, keys[place + 1 :], parts[-1].name)
        value = scope.column(keys[0], parts[0].name)
        if value is not None and (len(parts) == 1 or scope.item(keys[0]) is None):
            return _field(value, keys[1:], parts[-1].name)
        item = scope.item(keys[0]) if len(keys) == 1 else None
        return self._row(item) if item else None

    def _lost(self, parts: list[exp.Identifier], scope: Scope) -> Value:
        name = parts[-1].name
        item = scope.item(self._key(parts[-2])) if len(parts) > 1 else None
        nodes = tuple(sorted(item.reads)) if item else scope.nodes()
        sure = not (item.open if item else scope.is_open)
        self._reader.problems.append(Problem(name, nodes, sure))
        return missing(name)

    def _row(self, item: Any) -> Value:
        edges: dict[Leaf, How] = {}
        for value in item.columns.values():
            merge(edges, value.edges, How.COMPUTED)
        ids = [part for k, v in item.columns.items() for part in (quoted(k), v.id)]
        return Value(h("row", *ids, "open", *(part.id for part in item.open)), "", edges)

    def _whole(self, key: str, scope: Scope, look: Look) -> str:
        item = scope.item(key)
        value = self._row(item) if item else missing(key)
        merge(look.edges, value.edges, How.COMPUTED)
        return value.id

    def _star(self, node: exp.Star, scope: Scope, look: Look) -> str:
        ids = []
        for item in scope.items:
            value = self._row(item)
            merge(look.edges, value.edges, How.COMPUTED)
            ids.append(value.id)
        hidden = [
            part.sql()
            for key in ("except_", "replace", "rename")
            for part in node.args.get(key) or ()
        ]
        return h("star", *ids, *map(quoted, hidden))

    # -- logic ---------------------------------------------------------------------------------

    def _inner(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        return self.id(node.this, scope, look)

    def _connector(self, node: exp.Connector, scope: Scope, look: Look) -> str:
        kind = type(node)
        parts: set[str] = set()
        todo: list[exp.Expr] = [node]
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Paren):
                todo.append(one.this)
            elif type(one) is kind:
                todo += [one.left, one.right]
            else:
                parts.add(self.id(one, scope, look))
        if len(parts) == 1:
            return h("truth", *parts)
        return h(kind.__name__, *sorted(parts))

    def _symmetric(self, node: exp.Binary, scope: Scope, look: Look) -> str:
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        if isinstance(node, exp.Mul):
            return self._typed(node, h("Mul", *sorted(sides)), sides, look)
        self._compare(node, sides, look)
        return h(type(node).__name__, *sorted(sides))

    def _turned(self, node: exp.Binary, scope: Scope, look: Look) -> str:
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        self._compare(node, sides, look)
        if isinstance(node, exp.GT | exp.GTE):
            sides.reverse()
        return h("LT" if isinstance(node, exp.GT | exp.LT) else "LTE", *sides)

    def _compare(self, node: exp.Expr, sides: list[str], look: Look) -> None:
        """Note the types that are compared, for some pairs don't get on."""
        types = [look.types.get(side, "") for side in sides]
        if any(types):
            clash = families.comparison(node, types)
            if clash:
                self._reader.clashes.append(clash)

    def _not(self, node: exp.Not, scope: Scope, look: Look) -> str:
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        opposite = {exp.EQ: "NEQ", exp.NEQ: "EQ", exp.NullSafeEQ: "NullSafeNEQ"}.get(type(inner))
        if opposite:
            sides = [self.id(inner.left, scope, look), self.id(inner.right, scope, look)]
            return h(opposite, *sorted(sides))
        return h("Not", self.id(inner, scope, look))

    def _between(self, node: exp.Between, scope: Scope, look: Look) -> str:
        if node.args.get("symmetric"):
            return self._generic(node, scope, look)
        one, low, high = (
            self.id(part, scope, look) for part in (node.this, node.args["low"], node.args["high"])
        )
        return h("And", *sorted((h("LTE", low, one), h("LTE", one, high))))

    def _in(self, node: exp.In, scope: Scope, look: Look) -> str:
        this = self.id(node.this, scope, look)
        query = node.args.get("query")
        if query is not None:
            return h("in", this, *self._read(query, scope, look, with_columns=True))
        rest = [node.args[key] for key in ("unnest", "field") if node.args.get(key)]
        items = sorted({self.id(part, scope, look) for part in node.expressions})
        if len(items) == 1 and not rest:
            return h("EQ", *sorted((this, items[0])))
        return h("in", this, *items, "of", *(self.id(part, scope, look) for part in rest))

    def _case(self, node: exp.Case, scope: Scope, look: Look) -> str:
        parts = []
        for branch in node.args.get("ifs") or ():
            parts += [self.id(branch.this, scope, look), self.id(branch.args["true"], scope, look)]
        default = node.args.get("default")
        last = self.id(default, scope, look) if default is not None else h("null")
        values = [*parts[1::2], last]
        operand = node.this
        of = [self.id(operand, scope, look)] if operand is not None else ["when"]
        return self._typed(node, h("case", *of, *parts, "else", last), values, look)

    def _if(self, node: exp.If, scope: Scope, look: Look) -> str:
        false = node.args.get("false")
        last = self.id(false, scope, look) if false is not None else h("null")
        first = self.id(node.this, scope, look)
        then = self.id(node.args["true"], scope, look)
        return self._typed(node, h("case", "when", first, then, "else", last), [then, last], look)

    def _coalesce(self, node: exp.Coalesce, scope: Scope, look: Look) -> str:
        parts: list[str] = []
        todo: list[exp.Expr] = [node]
        while todo:
            one = todo.pop(0)
            if isinstance(one, exp.Coalesce):
                todo[:0] = [one.this, *one.expressions]
            else:
                parts.append(self.id(one, scope, look))
        return self._typed(node, h("coalesce", *parts), parts, look)

    def _cast(self, node: exp.Cast, scope: Scope, look: Look) -> str:
        extra = [
            self._arg(node.args[key], scope, look)
            for key in node.arg_types
            if key not in ("this", "to") and node.args.get(key)
        ]
        inner = self.id(node.this, scope, look)
        made = h(type(node).__name__, inner, quoted(node.to.sql()), *extra)
        look.types[made] = families.of_cast(node, look.types.get(inner, ""))
        return made

    # -- functions -----------------------------------------------------------------------------

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
        if scope.grouped and isinstance(node, exp.Func) and not isinstance(node, _PLAIN):
            return self._as(h("in group", scope.grouped[1], scope.beside, made), made, look)
        return made

    def _aggregate(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        look.aggregates = True
        made = self._generic(node, scope, look)
        if scope.grouped is None:
            return made
        over = scope.grouped[0 if isinstance(node, ORDERLESS) else 1]
        if not isinstance(node, (*ORDERLESS, *SUMS)):
            over = h(over, scope.beside)
        return self._as(h("agg", over, made), made, look)

    def _count(self, node: exp.Count, scope: Scope, look: Look) -> str:
        look.aggregates = True
        made = h("count(*)") if _counts_rows(node) else self._generic(node, scope, look)
        return h("agg", scope.grouped[0], made) if scope.grouped else made

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
        return h("in group", scope.grouped[1], scope.beside, made) if scope.grouped else made

    def _window(self, node: exp.Window, scope: Scope, look: Look) -> str:
        look.windows = True
        named = (
            self._reader.windows.get(self._key(node.args["alias"]))
            if node.args.get("alias")
            else None
        )
        partition = node.args.get("partition_by") or (named and named.args.get("partition_by"))
        order = node.args.get("order") or (named and named.args.get("order"))
        spec = node.args.get("spec") or (named and named.args.get("spec"))
        was, ctx = look.aggregates, scope.grouped
        function = self._plain(node.this, scope, look)
        look.aggregates = was
        keys = sorted(self.id(part, scope, look) for part in partition or ())
        ordered = [self._arg(part, scope, look) for part in order.expressions] if order else []
        frame = self._arg(spec, scope, look) if spec is not None else ""
        first = str(node.args.get("first") or "")
        rows, seq = self._reader.window_rows(scope, ctx)
        core = _core(node.this)
        alike = isinstance(core, PEERS_ALIKE) or (
            isinstance(core, ORDERLESS)
            and (spec is None or (spec.args.get("kind") or "") == "RANGE")
        )
        over = rows if alike else seq
        made = h("window", over, function, *keys, "order", *ordered, "frame", frame, first)
        return self._as(made, function, look)

    def _plain(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read the function of a window: an aggregate there does not group the query."""
        if isinstance(node, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            rest = [
                self._arg(value, scope, look)
                for key, value in node.args.items()
                if key != "this" and value
            ]
            return h(type(node).__name__, self._plain(node.this, scope, look), *rest)
        if isinstance(node, exp.Count) and _counts_rows(node):
            return h("count(*)")
        if isinstance(node, _UNKNOWN_FUNCTIONS):
            inner = [self.id(part, scope, look) for part in node.expressions]
            self._reader.unknown.add(anonymous_name(node))
            return h("call", quoted(anonymous_name(node)), *inner)
        return self._generic(node, scope, look)

    def _typed(self, node: exp.Expr, made: str, inner: list[str], look: Look) -> str:
        """Note the type of what was made of `inner`, and whether these go together."""
        types = [look.types.get(one, "") for one in inner]
        look.types[made] = families.result(node, types)
        clash = families.arithmetic(node, types)
        if clash:
            self._reader.clashes.append(clash)
        return made

    def _as(self, made: str, inner: str, look: Look) -> str:
        look.types[made] = look.types.get(inner, "")
        return made

    # -- queries inside ------------------------------------------------------------------------

    def _subquery(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        return h("scalar", *self._read(node, scope, look, with_columns=True))

    def _exists(self, node: exp.Exists, scope: Scope, look: Look) -> str:
        inner = node.this
        if not isinstance(inner, exp.Query):
            return self._generic(node, scope, look)
        return h("exists", *self._read(inner, scope, look, with_columns=False))

    def _read(self, node: exp.Expr, scope: Scope, look: Look, with_columns: bool) -> list[str]:
        relation = self._reader.query(node, scope)
        scope.reads = scope.reads | relation.reads
        if with_columns:
            merge(look.edges, relation.all_edges, How.COMPUTED)
        else:
            merge(look.edges, dict.fromkeys(relation.deciders, How.COMPUTED), How.COMPUTED)
        columns = [value.id for value in relation.columns.values()] if with_columns else []
        opened = [part.id for part in relation.open] if with_columns else []
        if with_columns and len(relation.columns) == 1:
            first = next(iter(relation.columns.values()))
            look.types[h("scalar", relation.rows.id, *columns)] = first.type
        return [relation.rows.id, *columns, *opened]

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

    # -- everything else -----------------------------------------------------------------------

    def _generic(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read a node by its kind and all its parts, in the order the grammar gives them."""
        kind = type(node)
        keys = self._args.get(kind)
        if keys is None:
            keys = self._args[kind] = tuple(kind.arg_types)
        args = node.args
        parts, inner = [kind.__name__], []
        for key in keys:
            part = args.get(key)
            if part is None or part is False or part == []:
                continue
            parts.append(key)
            if isinstance(part, list):
                parts.append(str(len(part)))
                parts += [self._arg(one, scope, look) for one in part]
            else:
                parts.append(self._arg(part, scope, look))
                if key in ("this", "expression"):
                    inner.append(parts[-1])
        return self._typed(node, h(*parts), inner, look)

    def _arg(self, part: Any, scope: Scope, look: Look) -> str:
        if isinstance(part, exp.Identifier):
            key = self._key(part)
            return h("local", quoted(key)) if key in scope.locals else h("name", quoted(key))
        if isinstance(part, exp.Ordered):
            # An ordinal or an alias can stand here too: `Reader` has seen to these.
            extra = [str(bool(part.args.get(k))) for k in ("desc", "nulls_first")]
            return h("ordered", self.id(part.this, scope, look), *extra)
        if isinstance(part, exp.Expr):
            return self.id(part, scope, look)
        return h("raw", quoted(str(part)))


# Functions of single values that every warehouse has: no aggregate hides behind these names.
_PLAIN = (
    exp.Case, exp.Cast, exp.Coalesce, exp.If, exp.Nullif, exp.Round, exp.Abs, exp.Lower, exp.Upper,
    exp.Trim, exp.Concat, exp.Greatest, exp.Least, exp.And, exp.Or, exp.DateTrunc,
    exp.TimestampTrunc, exp.DateDiff, exp.DateAdd, exp.Extract, exp.Floor, exp.Ceil, exp.Substring,
    exp.Year, exp.Month, exp.Length,
)  # fmt: skip


def _literal(node: exp.Literal, _scope: Scope, look: Look) -> str:
    made = h("literal", "text" if node.is_string else "number", quoted(str(node.this)))
    if not node.is_string:
        look.types[made] = families.NUMBER
    return made


def _field(value: Value, fields: list[str], name: str) -> Value:
    """Return a field of a structured value."""
    if not fields:
        return value
    edges: dict[Leaf, How] = {}
    merge(edges, value.edges, How.COMPUTED)
    return Value(h("field", value.id, *map(quoted, fields)), name, edges, sure=value.sure)


def _counts_rows(node: exp.Count) -> bool:
    what = node.this
    if node.expressions or isinstance(what, exp.Distinct):
        return False
    if isinstance(what, exp.Literal):
        return True
    return what is None or (isinstance(what, exp.Star) and not any(what.args.values()))


def _always_true(node: exp.Expr) -> bool:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    sides = (node.args.get("this"), node.args.get("expression"))
    return isinstance(node, exp.EQ) and isinstance(sides[0], exp.Literal) and sides[0] == sides[1]


def _core(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        node = node.this
    return node
