"""CASE, written in one way: as COALESCE or NULLIF where it is that, branches in one order."""

from __future__ import annotations

from sqlglot import exp

from analytics_tools.sql import facts, families
from analytics_tools.sql.core import Look, has
from analytics_tools.sql.logic import FALSE, Logic
from analytics_tools.sql.negation import (
    PLAIN_LITERALS,
    are_apart,
    bare,
    is_null,
    kind_of_literal,
)
from analytics_tools.sql.relation import filled, h
from analytics_tools.sql.scope import Scope

# Where CASE makes one type of its values as COALESCE does.
_CASE_IS_COALESCE = frozenset(("duckdb", "postgres", "redshift"))
# Where no other number than 1 is equal to true.
_TRUE_IS_ONE = frozenset(("duckdb", "postgres", "bigquery", "trino"))


class Cases(Logic):
    """Reads CASE and IF."""

    def _case(self, node: exp.Case, scope: Scope, look: Look) -> str:
        branches = [(one.this, one.args["true"]) for one in node.args.get("ifs") or ()]
        operand, default = node.this, node.args.get("default")
        if operand is None:
            return self._cased(node, branches, default, scope, look)
        kinds = {kind_of_literal(one) for one, _ in branches}
        if len(kinds) == 1 and "" not in kinds:
            branches = [(exp.EQ(this=operand, expression=one), then) for one, then in branches]
            return self._cased(node, branches, default, scope, look)
        # What is compared may be made to be of one type first.
        values = [self.id(then, scope, look) for _, then in branches]
        tests = [self.id(one, scope, look) for one, _ in branches]
        last = self._else(default, scope, look)
        made = h("case of", self.id(operand, scope, look), *tests, *values, "else", last)
        return self._one_of(node, made, [*values, last], look)

    def _if(self, node: exp.If, scope: Scope, look: Look) -> str:
        branches = [(node.this, node.args["true"])]
        return self._cased(node, branches, node.args.get("false"), scope, look)

    def _cased(
        self,
        node: exp.Expr,
        branches: list[tuple[exp.Expr, exp.Expr]],
        default: exp.Expr | None,
        scope: Scope,
        look: Look,
    ) -> str:
        """Read a CASE, of branches of a condition and a value each."""
        function = self._as_function(branches, default, scope)
        if function is not None:
            return self.id(function, scope, look)
        read = [
            (self.asked(one, scope, look), self.id(value, scope, look)) for one, value in branches
        ]
        last = self._else(default, scope, look)
        parts = [part for pair in self._in_any_order(branches, read, scope) for part in pair]
        values = [value for _, value in read]
        made = h("case", "when", *parts, "else", last)
        gives = look.all_facts(values)
        if last == h("null") and all(one & facts.FILLED for one in gives):
            self._note_asked(made, [one for one, _ in branches], scope, look)
        return self._one_of(node, made, [*values, last], look)

    def _as_function(
        self, branches: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr | None, scope: Scope
    ) -> exp.Expr | None:
        """Return COALESCE or NULLIF where a CASE is nothing else."""
        if len(branches) != 1 or default is None or self._dialect not in _CASE_IS_COALESCE:
            return None
        test, then = bare(branches[0][0]), branches[0][1]
        if isinstance(test, exp.Not):
            test, then, default = bare(test.this), default, then
            if not is_null(test) or not kind_of_literal(then):
                return None  # the type is made of ELSE first
        trial = Look()
        if is_null(test):
            if self.id(test.this, scope, trial) == self.id(default, scope, trial):
                return exp.Coalesce(this=default, expressions=[then])
        elif (
            self._dialect == "duckdb"  # elsewhere NULLIF may be of the other's type
            and isinstance(test, exp.EQ)
            and isinstance(bare(then), exp.Null)
        ):
            sides = {self.id(s, scope, trial): s for s in (test.right, test.left)}
            own = self.id(default, scope, trial)
            if own in sides and len(sides) == 2:
                other = next(side for made, side in sides.items() if made != own)
                return exp.Nullif(this=default, expression=other)
        return None

    def _in_any_order(
        self,
        branches: list[tuple[exp.Expr, exp.Expr]],
        read: list[tuple[str, str]],
        scope: Scope,
    ) -> list[tuple[str, str]]:
        """Return branches in an order of their own as far as theirs makes no difference.

        That is, between branches with one value, and those of which no two can hold.
        """
        found: list[tuple[str, str]] = []
        run: list[tuple[str, str]] = []
        tests: list[tuple[str, frozenset[str]]] = []
        # In another order other values may make another type.
        kinds = {kind_of_literal(then) for _, then in branches if not isinstance(then, exp.Null)}
        settled = len(kinds) < 2 and "" not in kinds
        for (one, _), pair in zip(branches, read, strict=True):
            test = self._tested(one, scope)
            alone = test and all(_exclude(test, other) for other in tests)
            if run and not (alone and settled) and any(value != pair[1] for _, value in run):
                found += sorted(run)
                run, tests = [], []
            run.append(pair)
            tests.append(test or ("", frozenset()))
        return [*found, *sorted(run)]

    def _tested(self, node: exp.Expr, scope: Scope) -> tuple[str, frozenset[str]] | None:
        """Return the value a condition tests, and the literals one of which it has to be."""
        node = bare(node)
        if self._reader.literally or self._dialect not in PLAIN_LITERALS:
            return None
        trial = Look()
        if is_null(node):
            return self.id(node.this, scope, trial), frozenset(("null",))
        if isinstance(node, exp.In) and not has(node, "query", "unnest"):
            value, items = node.this, node.expressions
        elif isinstance(node, exp.EQ):
            value, items = node.left, [node.right]
            if isinstance(value, exp.Literal):
                value, items = node.right, [node.left]
        else:
            return None
        kinds = [kind_of_literal(one) for one in items]
        if not all(kinds):
            return None
        made = self.id(value, scope, trial)
        is_number = families.family(trial.types.get(made, "")) == families.NUMBER
        if "whole" in kinds and not (is_number or self._dialect in _TRUE_IS_ONE):
            return None
        literals = frozenset(f"{k} {one.this}" for k, one in zip(kinds, items, strict=True))
        return made, literals

    def _note_asked(self, made: str, todo: list[exp.Expr], scope: Scope, look: Look) -> None:
        """Note what holds where a CASE is null that gives something wherever a condition holds.

        None of `todo`, its conditions, does: what they ask to be null isn't.
        """
        clear: set[str] = set()
        asked: set[str] = set()
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Paren):
                todo.append(one.this)
            elif isinstance(one, exp.Or):
                todo += [one.left, one.right]
            elif is_null(one):
                inner = self.id(one.this, scope, look)
                clear |= look.with_needs(inner)
                asked.add(filled(inner))
            elif (condition := self.id(one, scope, look)) != FALSE:
                asked.add(h("untrue", condition))
        look.clear[made], look.unless[made] = frozenset(clear), frozenset(asked)

    def _else(self, node: exp.Expr | None, scope: Scope, look: Look) -> str:
        """Return the id of what a CASE gives where no condition holds: null if it doesn't say."""
        return self.id(node or exp.Null(), scope, look)


def _exclude(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> bool:
    """Whether of two tests of a value only one can hold."""
    return one[0] == other[0] and all(
        _are_others(first, second) for first in one[1] for second in other[1]
    )


def _are_others(one: str, other: str) -> bool:
    if "null" in (one, other):
        return one != other
    (kind, first), (other_kind, second) = one.split(" ", 1), other.split(" ", 1)
    if kind != other_kind:
        return False
    return are_apart(first, second) if kind == "text" else int(first) != int(second)
