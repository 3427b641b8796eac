"""Queries to relations: CTEs, SELECT, recursion."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql.core import CannotReadError, Look, Numbered, has, require_known, told_of
from analytics_tools.sql.dialect import fold, spelled
from analytics_tools.sql.expressions import Expressions
from analytics_tools.sql.findings import Clash, Problem
from analytics_tools.sql.firsts import pick, picks
from analytics_tools.sql.from_clause import FromClause
from analytics_tools.sql.literals import Texts
from analytics_tools.sql.ordering import Ordering
from analytics_tools.sql.outer_joins import asked_of
from analytics_tools.sql.projection import Projection
from analytics_tools.sql.relation import (
    How,
    Leaf,
    Relation,
    Rows,
    Value,
    decided,
    h,
    merge,
    put,
    quoted,
    salted,
)
from analytics_tools.sql.scope import Scope
from analytics_tools.sql.set_operations import SetOperations
from analytics_tools.sql.unasked import asked_for, spellings

# Called with the parts of a table's name; returns what the table is.
Tables: TypeAlias = Callable[[exp.Table], Relation]

# Parts of a SELECT that may change what it yields, in ways of one warehouse: BigQuery's AS STRUCT,
# ClickHouse's SETTINGS, SKIP LOCKED. Nothing else of the query is read otherwise for them.
_TOLD = ("kind", "settings", "options", "locks", "format", "operation_modifiers")
# Parts of a SELECT that don't touch what it yields.
_IDLE = frozenset(
    [
        "with_",
        "expressions",
        "hint",
        "distinct",
        "from_",
        "laterals",
        "joins",
        "pivots",
        "where",
        "group",
        "having",
        "qualify",
        "windows",
        "order",
        "limit",
        "offset",
        "prewhere",
        *_TOLD,
    ]
)
_OF_SETS = (
    "with_", "this", "expression", "distinct", "by_name", "side", "kind", "on", "order", "limit",
    "offset", "sort",
)  # fmt: skip
_OF_SUBQUERIES = (
    "this", "alias", "with_", "joins", "pivots", "laterals", "where", "order", "limit", "offset",
    "sort", "sample",
)  # fmt: skip
_ONE = h("literal", "number", quoted("1"))
_ALIAS_FIRST = frozenset({"clickhouse", "bigquery", "mysql"})


@dataclass
class Cte:
    """A CTE, read when it is first asked for."""

    node: exp.CTE
    scope: Scope | None
    around: dict[str, Cte]
    recursive: bool
    relation: Relation | None = None


class Reader:
    """Reads one statement. What it noticed on the way is in its attributes afterwards."""

    def __init__(
        self,
        dialect: str,
        tables: Tables,
        named: Callable[[str, Relation], Relation] = lambda _, relation: relation,
        sql: str = "",
        rounded: bool = False,
        leaves_out: bool = True,
    ) -> None:
        self.dialect = dialect
        self.rounded = rounded
        self._leaves_out = leaves_out
        self.tables = tables
        self.texts = Texts(sql, dialect)
        self._named = named
        self.problems: list[Problem] = []
        self.clashes: list[Clash] = []
        self.unknown: set[str] = set()
        self.volatile = False
        self.clocks = False
        self.asked: dict[int, frozenset[str]] = {}
        self.windows: dict[str, exp.Window] = {}
        self.numbered: dict[str, Numbered] = {}
        # Conditions are read as they stand in the text; and how often one was written otherwise.
        self.literally = False
        self.rewrites = 0
        # Columns taken for such as nobody asks for.
        self.left_out: set[str] = set()
        self._names: frozenset[str] | None = None
        self._ctes: dict[str, Cte] = {}
        self._all: list[Cte] = []
        self.expressions = Expressions(self)
        self._from = FromClause(self)
        self._projection = Projection(self)
        self._ordering = Ordering(self)
        self._sets = SetOperations(self)

    def is_unasked(self, key: str) -> bool:
        """Whether nothing in the statement asks for a column that a star lists."""
        if self._names is None or key.lower() in self._names:
            return False
        self.left_out.add(key)
        return True

    def shows_left_out(self, relation: Relation) -> bool:
        """Whether a column that was taken for such is among those of the statement."""
        out = {key.lower() for key in self.left_out}
        return any(not out.isdisjoint(spellings(key)) for key in relation.columns)

    def statement(self, node: exp.Query) -> Relation:
        """Read a whole statement; CTEs nobody uses are read as well, for what is wrong in them."""
        if self.texts.may_say("left ", "right ", "full "):
            self.asked = asked_of(node, self.key)
        if self._leaves_out and self.texts.may_say("row_number"):
            self._names = asked_for(node)  # before anything of it is rewritten
        relation = self.query(node, None)
        seen = len(self.problems)
        for cte in [cte for cte in self._all if cte.relation is None]:
            with contextlib.suppress(CannotReadError):
                self._cte(cte)
        self.problems[seen:] = [replace(problem, sure=False) for problem in self.problems[seen:]]
        return relation

    @contextlib.contextmanager
    def unsaid(self) -> Iterator[None]:
        """Forget what is noticed meanwhile: something is read once more, in another light."""
        problems, clashes = len(self.problems), len(self.clashes)
        try:
            yield
        finally:
            del self.problems[problems:]
            del self.clashes[clashes:]

    def key(self, node: exp.Expr) -> str:
        """Return what an identifier folds to."""
        return fold(node.name, bool(node.args.get("quoted")), self.dialect)

    def spelled(self, node: exp.Expr) -> str:
        """Return how the warehouse writes an identifier."""
        return spelled(node.name, bool(node.args.get("quoted")), self.dialect)

    # -- CTEs ----------------------------------------------------------------------------------

    def query(self, node: exp.Expr, parent: Scope | None) -> Relation:
        """Read a query in its surroundings. Raises CannotReadError."""
        around = self._ctes
        with_ = node.args.get("with_")
        if with_ is not None:
            require_known(with_, "expressions", "recursive")
            recursive = bool(with_.args.get("recursive"))
            self._ctes = dict(around)
            for cte in with_.expressions:
                # A CTE sees those before it, and itself when it is recursive.
                known = Cte(cte, parent, dict(self._ctes), recursive)
                self._ctes[self.key(cte.args["alias"].this)] = known
                self._all.append(known)
        try:
            return self._body(node, parent)
        finally:
            self._ctes = around

    def cte(self, key: str) -> Relation | None:
        """Return the CTE of that name, if there is one here."""
        found = self._ctes.get(key)
        return self._cte(found) if found else None

    def _cte(self, cte: Cte) -> Relation:
        if cte.relation is None:
            key = self.key(cte.node.args["alias"].this)
            around, self._ctes = self._ctes, dict(cte.around)
            windows = self.windows
            try:
                if cte.recursive and _mentions(cte.node.this, cte.node.args["alias"].name):
                    made = self._recursive(cte, key)
                else:
                    made = self.query(cte.node.this, cte.scope)
                made = self.renamed(made, cte.node.args["alias"].args.get("columns"))
                cte.relation = self._named(key, made)
            finally:
                self._ctes, self.windows = around, windows
        return cte.relation

    def _recursive(self, cte: Cte, key: str) -> Relation:
        """Read ``anchor union step``: everything may depend on everything."""
        node = cte.node.this
        if not isinstance(node, exp.Union):
            raise CannotReadError("a recursive CTE that is no UNION")
        require_known(cte.node, "this", "alias", "materialized")
        anchor = self.query(node.this, cte.scope)
        if anchor.open:
            raise CannotReadError("a recursive CTE of unknown columns")
        listed = cte.node.args["alias"].args.get("columns")
        names = self.renamed(anchor, listed)
        own = {
            name: Value(h("self", str(place)), value.name, value.edges, value.type)
            for place, (name, value) in enumerate(names.columns.items())
        }
        rows = Rows(h("self"))
        itself = Relation(own, rows, rows, (), names.deciders, names.reads, width=names.width)
        self._ctes[key] = Cte(cte.node, cte.scope, cte.around, False, itself)
        step = self.query(node.expression, cte.scope)
        every = h("recursive", anchor.whole, step.whole, str(bool(node.args.get("distinct"))))
        edges = {**anchor.all_edges, **step.all_edges}
        columns = {}
        pairs = zip(anchor.columns.items(), step.columns.values(), strict=False)
        for place, ((name, first), second) in enumerate(pairs):
            taken: dict[Leaf, How] = {}
            merge(taken, first.edges, How.COPIED)
            merge(taken, second.edges, How.COPIED)
            columns[name] = Value(h("recursed", every, str(place)), first.name, taken, first.type)
        return Relation(
            columns,
            Rows(every),
            Rows(every),
            deciders=decided(anchor.deciders, step.deciders, by=edges, way="set operation"),
            reads=anchor.reads | step.reads,
        )

    def renamed(self, relation: Relation, names: list[exp.Expr] | None) -> Relation:
        """Return `relation` with its first columns named anew: ``as t(a, b)``."""
        if not names:
            return relation
        if relation.open:
            raise CannotReadError("a list of names for unknown columns")
        values = list(relation.columns.items())
        columns: dict[str, Value] = {}
        for place, (key, value) in enumerate(values):
            if place < len(names):
                key, value = self.key(names[place]), replace(value, name=self.spelled(names[place]))
            put(columns, key, value)
        return replace(relation, columns=columns)

    # -- bodies --------------------------------------------------------------------------------

    def _body(self, node: exp.Expr, parent: Scope | None) -> Relation:
        if isinstance(node, exp.Select):
            return self._select(node, parent)
        if isinstance(node, exp.SetOperation):
            require_known(node, *_OF_SETS)
            return self._ordered(node, self._sets.read(node, parent), parent)
        if isinstance(node, exp.Subquery):
            require_known(node, *_OF_SUBQUERIES)
            inner = self.query(node.this, parent)
            if has(node, "joins", "pivots", "laterals", "where"):
                return self._select(
                    exp.Select(expressions=[exp.Star()], from_=exp.From(this=node)), parent
                )
            return self._ordered(node, inner, parent)
        if isinstance(node, exp.Values):
            return self._from.values(node, parent)
        if isinstance(node, exp.Table):
            if has(node, "joins", "laterals"):
                raise CannotReadError("a join in parentheses")
            return self._from.relation(node, Scope(parent=parent))
        if isinstance(node, exp.Paren):
            return self.query(node.this, parent)
        raise CannotReadError(f"{type(node).__name__.upper()} as a query")

    def _select(self, node: exp.Select, parent: Scope | None) -> Relation:
        for key, part in node.args.items():
            if part and key not in _IDLE and key not in ("sample", "sort", "distribute", "cluster"):
                raise CannotReadError(f"{key.strip('_').upper()} in a SELECT")
        told = [told_of(node, key) for key in _TOLD if node.args.get(key)]
        scope = Scope(parent=parent, alias_first=self.dialect in _ALIAS_FIRST)
        self.windows = {self.key(w.this): w for w in node.args.get("windows") or ()}
        windows = self.windows
        self._from.read(node, scope)
        self.windows = windows
        made = self._projection.read(node, scope)
        return salted(made, "told", *told) if told else made

    def filtered(
        self, scope: Scope, node: exp.Expr | None, way: str, seen: Rows | None = None
    ) -> Callable[[Value], Value] | None:
        """Apply a condition to the rows of a scope; `seen` are its rows as the condition has them.

        They differ in their order alone. Returns what a value is afterwards, where that is another:
        see `firsts`.
        """
        if node is None:
            return None
        look = Look()
        seq, scope.seq = scope.seq, seen or scope.seq
        found = self.expressions.conditions(node, scope, look)
        scope.seq = seq.where(found.plain)
        scope.decide(look.edges, way)
        ids, rows = frozenset(found.ids), scope.rows
        for number, over in self.numbered.items():
            one = _is_first(number)
            if one not in ids or over.rows.base != rows.base:
                continue
            is_all = len(ids) == 1
            if picks(scope, over) and (is_all or seen is None):
                return self._first_rows(scope, number, over, None if is_all else node)
            scope.unique |= {over.keys}
            if over.repeated:
                ids = ids - {one} | {_is_first(over.repeated)}
                rows = scope.rows.with_repeated()
        scope.rows = rows.where(ids, found.strict)
        scope.filled |= found.filled
        return None

    def _first_rows(
        self, scope: Scope, number: str, over: Numbered, node: exp.Expr | None
    ) -> Callable[[Value], Value]:
        """Leave a scope the rows whose number is one, and of these what else `node` asks for."""
        first = pick(scope, number, over, self.dialect)
        if node is not None:
            with self.unsaid():
                found = self.expressions.conditions(node, scope, Look())
            itself = _is_first(first(Value(number)).id)
            scope.rows = scope.rows.where(found.ids - {itself}, found.strict)
            scope.filled |= found.filled
        return first

    def _ordered(self, node: exp.Expr, relation: Relation, parent: Scope | None) -> Relation:
        """Apply ORDER BY and LIMIT that stand after a set operation or parentheses."""
        if not has(node, "order", "limit", "offset", "sort"):
            return relation
        scope = self._from.over(relation, "", parent)
        return self._ordering.limited(node, relation, scope)


def _mentions(node: exp.Expr, name: str) -> bool:
    return any(
        table.name.lower() == name.lower() and not table.args.get("db")
        for table in node.find_all(exp.Table)
    )


def _is_first(number: str) -> str:
    """Return the id of the condition that a row number is one."""
    return h("EQ", *sorted((number, _ONE)))
