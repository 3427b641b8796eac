"""Expressions to ids and edges, by rewrites that hold under three-valued logic and no others.

What is made alike: the order of AND, OR, of the sides of ``=``, ``<>``, ``+`` and ``*``; ``a > b``
and ``b < a``; BETWEEN and its two comparisons; an IN list and its comparisons, in any order; NOT
and what it says of AND, OR and comparisons; ``if(a, b, c)``, ``case a when`` and CASE, with the
branches of which only one can hold in any order; ``count(1)`` and ``count(*)``; an aggregate with
FILTER and of a CASE; parentheses; nested COALESCE; ``n <= 1`` and ``n = 1`` of a row's number, and
whatever else a count can't be. Of conditions also what differs only where one is null or false:
``coalesce(x, 0) > 0`` and ``x > 0``.
What is not, for NULL tells them apart: ``not in`` and ``not exists``, ``a = b`` and
``a is not distinct from b``, ``concat`` and ``||``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlglot import exp

from analytics_tools.sql import facts, families
from analytics_tools.sql.calls import Calls
from analytics_tools.sql.cases import Cases
from analytics_tools.sql.core import CannotReadError, Look
from analytics_tools.sql.logic import TRUE
from analytics_tools.sql.names import Names
from analytics_tools.sql.relation import filled, h, quoted
from analytics_tools.sql.scope import Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

COMPARE = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Like, exp.Between)
# Null whenever what they are given is.
STRICT = (exp.Cast, exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Lower, exp.Upper, exp.Neg, exp.Abs)
# Where NaN equals itself.
_EQUAL_TO_ITSELF = frozenset(("duckdb", "postgres", "snowflake"))


class Conditions(NamedTuple):
    """Conditions that all have to be true, by id, and what is never null where they are.

    `strict` are the ids of values that the comparisons among them find not null, `filled` of all
    that are not null then. `plain` are the conditions as they stand: one that says nothing new may
    still change the order in which rows come.
    """

    ids: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    def and_(self, other: Conditions) -> Conditions:
        """Return these conditions and some more."""
        return Conditions(*(one | two for one, two in zip(self, other, strict=True)))


class Expressions(Names, Cases, Calls):
    """Reads the expressions of one query."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._readers = {
            **self._of_names(),
            **self._of_logic(),
            **self._of_calls(),
        }

    def _of_names(self) -> dict[type, Callable[[Any, Scope, Look], str]]:
        return {
            exp.Column: self._column,
            exp.Star: self._star,
            exp.PositionalColumn: self._by_place,
            exp.Paren: self._inner,
            exp.Alias: self._inner,
            exp.Literal: self._literal,
            exp.Boolean: self._boolean,
            exp.Null: self._null,
            exp.JSONPath: self._path,
            exp.JSONPathKey: self._path_key,
            exp.JSONExtract: self._extract,
            exp.PropertyEQ: self._property,
        }

    def _of_logic(self) -> dict[type, Callable[[Any, Scope, Look], str]]:
        return {
            **dict.fromkeys((exp.And, exp.Or), self._connector),
            **dict.fromkeys(
                (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Mul), self._symmetric
            ),
            **dict.fromkeys((exp.GT, exp.GTE, exp.LT, exp.LTE), self._turned),
            exp.Add: self._add,
            exp.Not: self._not,
            **dict.fromkeys((exp.Like, exp.ILike), self._like),
            exp.Is: self._is,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Case: self._case,
            exp.If: self._if,
            exp.Coalesce: self._coalesce,
            exp.Div: self._div,
            **dict.fromkeys((exp.Cast, exp.TryCast), self._cast),
        }

    def _of_calls(self) -> dict[type, Callable[[Any, Scope, Look], str]]:
        return {
            exp.Window: self._window,
            exp.WindowSpec: self._frame,
            exp.Filter: self._filter,
            exp.Count: self._count,
            **dict.fromkeys((exp.Subquery, exp.Select, exp.Union), self._subquery),
            exp.Exists: self._exists,
            **dict.fromkeys((exp.LogicalAnd, exp.LogicalOr), self._boolean_of_all),
            **dict.fromkeys((exp.Lambda, exp.Comprehension), self._lambda),
            **dict.fromkeys((exp.Anonymous, exp.AnonymousAggFunc), self._anonymous),
        }

    def _literal(self, node: exp.Literal, _scope: Scope, look: Look) -> str:
        made = h("literal", "text" if node.is_string else "number", quoted(str(node.this)))
        look.facts[made] = facts.of_literal(node, self._dialect)
        look.types[made] = families.QUOTED if node.is_string else families.SURE_NUMBER
        return made

    def _boolean(self, node: exp.Boolean, _scope: Scope, look: Look) -> str:
        made = self._certain(h("literal", str(node.this).lower()), facts.FILLED, look)
        look.types[made] = families.BOOLEAN
        return made

    def _null(self, _node: exp.Null, _scope: Scope, look: Look) -> str:
        look.types[h("null")] = families.NULL
        return self._certain(h("null"), facts.NULL, look)

    def _path(self, node: exp.JSONPath, scope: Scope, look: Look) -> str:
        texts = self._reader.texts.of_path(node)
        if len(texts) > 1:
            raise CannotReadError("paths into JSON that the parser takes for one")
        return h("path", self._generic(node, scope, look), *map(quoted, texts))

    def _path_key(self, node: exp.JSONPathKey, scope: Scope, look: Look) -> str:
        if self._dialect == "snowflake":  # a key in quotes is the same key
            return h("key", quoted(str(node.this)))
        return self._generic(node, scope, look)

    def _extract(self, node: exp.JSONExtract, scope: Scope, look: Look) -> str:
        if self._dialect == "snowflake" and node.args.get("variant_extract"):
            node = node.copy()  # `x:a` is written GET_PATH(x, 'a') as well
            node.set("variant_extract", None)
        return self._other(node, scope, look)

    def _property(self, node: exp.PropertyEQ, scope: Scope, look: Look) -> str:
        # A field keeps the case of its name, whatever names of columns do.
        return h("field", quoted(node.name), self._generic(node, scope, look))

    # -- conditions ----------------------------------------------------------------------------

    def conditions(self, node: exp.Expr, scope: Scope, look: Look) -> Conditions:
        """Return conditions that all have to be true."""
        found: set[str] = set()
        strict: set[str] = set()
        full: set[str] = set()
        implied: set[str] = set()
        plain: set[str] = set()
        todo = [(node, False)]
        while todo:
            one, is_told = todo.pop()
            parts = self._all_of(one, scope)
            if parts is not None:
                todo += [(part, is_told) for part in parts]
                continue
            other = self._rewritten(one, scope, asked=True)
            if other is not None:
                if not is_told:
                    plain.add(self._as_written(one, scope))
                todo.append((other, True))
            elif not _always_true(one):
                here = self._not_null(one, scope, look)
                if here is not None:
                    if not look.facts.get(here, 0) & facts.FILLED:
                        found.add(filled(here))
                    full.add(here)
                    implied |= look.with_needs(here)
                    if isinstance(one, exp.EQ):
                        plain.add(self._as_written(one, scope))
                    continue
                rewrites = self._reader.rewrites
                made = self.asked(one, scope, look)
                if not is_told:
                    same = self._reader.rewrites == rewrites
                    plain.add(self._as_it_stands(one, look.lone.get(made, made), same, scope))
                clear, asked = self._cleared(one, scope)
                found |= asked or {look.lone.get(made, made)}
                strict |= self._strict(one, scope) | {c for c in clear if filled(c) not in asked}
                implied |= clear
        plain |= {filled(one) for one in full}
        known = frozenset(implied | strict)
        always = {TRUE}
        return Conditions(
            frozenset(found - always), frozenset(strict), known, frozenset(plain - always)
        )

    def _all_of(self, node: exp.Expr, scope: Scope) -> list[exp.Expr] | None:
        """Return the conditions that one is made of, all of which have to be true."""
        if isinstance(node, exp.Paren):
            return [node.this]
        if isinstance(node, exp.And):
            return [node.left, node.right]
        limits = self._limits(node, scope)
        return list(limits) if limits else None

    def _as_it_stands(self, node: exp.Expr, made: str, same: bool, scope: Scope) -> str:
        """Return `made` where a condition was read as it stands, else the id of that.

        Written otherwise it may be worked out otherwise: rows come in another order. So may a
        query inside of it.
        """
        return made if same and node.find(exp.Query) is None else self._as_written(node, scope)

    def _as_written(self, node: exp.Expr, scope: Scope) -> str:
        """Return the id of a condition that is told apart from all that mean the same."""
        trial = Look()
        before, self._reader.literally = self._reader.literally, True
        try:
            made = self.id(node, scope, trial)
        finally:
            self._reader.literally = before
        return trial.lone.get(made, made)

    def _not_null(self, node: exp.Expr, scope: Scope, look: Look) -> str | None:
        """Return the id of `x` in ``x is not null``, or in ``x = x``, which asks the same."""
        inner = node.this if isinstance(node, exp.Not) else None
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            return self.id(inner.this, scope, look)
        if isinstance(node, exp.EQ) and self._dialect in _EQUAL_TO_ITSELF:
            one = self.id(node.left, scope, look)
            if one == self.id(node.right, scope, look):
                return one
        return None

    def _cleared(self, node: exp.Expr, scope: Scope) -> tuple[frozenset[str], frozenset[str]]:
        """Return what is never null where `node` finds that something is, and what else it asks."""
        if not (isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)):
            return frozenset(), frozenset()
        trial = Look()
        one = self.id(node.this, scope, trial)
        return trial.clear.get(one, frozenset()), trial.unless.get(one, frozenset())

    def _is_strict(self, node: exp.Expr, scope: Scope) -> bool:
        """Whether an operation is null wherever what it is given is: ``+`` also joins lists."""
        if not isinstance(node, exp.Add):
            return True
        trial = Look()
        sides = [self.id(one, scope, trial) for one in (node.left, node.right)]
        return families.any_number(trial.types.get(one, "") for one in sides)

    def _strict(self, node: exp.Expr, scope: Scope, turned: bool = False) -> set[str]:
        """Return ids of columns that are not null wherever a condition, or its NOT, is true."""
        trial = Look()
        while isinstance(node, exp.Paren | exp.Not):
            turned = turned or isinstance(node, exp.Not)
            node = node.this
        if isinstance(node, exp.Or):
            left, right = (self._strict(one, scope, turned) for one in (node.left, node.right))
            return left & right
        if not isinstance(node, COMPARE) or node.args.get("symmetric"):
            return set()
        # ``x > all (nothing)`` and ``x not in (nothing)`` are true of null as well.
        if node.find(exp.Any, exp.All) or (turned and node.args.get("query")):
            return set()
        found: set[str] = set()
        both = () if isinstance(node, exp.In) else (node.args.get("expression"),)
        todo = [one for one in (node.this, *both) if isinstance(one, exp.Expr)]
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Column):
                found |= trial.with_needs(self.id(one, scope, trial))
            elif type(one) in STRICT and self._is_strict(one, scope):
                todo += [
                    p for k in ("this", "expression") if isinstance(p := one.args.get(k), exp.Expr)
                ]
        return found


def _always_true(node: exp.Expr) -> bool:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    sides = (node.args.get("this"), node.args.get("expression"))
    return isinstance(node, exp.EQ) and isinstance(sides[0], exp.Literal) and sides[0] == sides[1]
