"""Conditions written otherwise: without NOT, and by what they ask where null is as good as false.

Trees of sqlglot in, trees out. `negated` holds under three-valued logic; `affirmed` where only a
condition that is true counts: in WHERE, ON, HAVING, QUALIFY, FILTER and after WHEN.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from sqlglot import exp

# Where NaN is greater than all numbers: of two values that aren't null one is less, or they are
# equal. Elsewhere ``not x <= 3`` is true of NaN, and ``x > 3`` isn't.
_ONE_OF_THREE = frozenset(("duckdb", "postgres", "redshift", "snowflake", "spark", "databricks"))
_EQUAL: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.NullSafeEQ: exp.NullSafeNEQ,
    exp.NullSafeNEQ: exp.NullSafeEQ,
}
_ORDER: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
}
_TURNED: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_NEXT: dict[type[exp.Expr], type[exp.Expr]] = {exp.GTE: exp.GT, exp.LT: exp.LTE}
_LOGICAL = (exp.Predicate, exp.Not, exp.And, exp.Or, exp.Boolean)
_QUANTIFIED = (exp.Any, exp.All)
# What some type takes for one of its values, shortened or not: two of these may mean the same.
_TYPED = frozenset(
    ("true", "false", "yes", "no", "on", "off", "nan", "inf", "infinity", "now", "today",
     "tomorrow", "yesterday", "epoch", "allballs", "null")
)  # fmt: skip
# Where a literal is made to be of the type it is compared with, and no text is a number by itself.
PLAIN_LITERALS = frozenset(("duckdb", "postgres", "redshift", "snowflake", "bigquery", "trino"))
_DIGITS = 7
_TESTS: dict[type[exp.Expr], Callable[[int, int], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}


def bare(node: exp.Expr) -> exp.Expr:
    """Return what stands in parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def is_null(node: exp.Expr) -> bool:
    """Whether a node is ``x is null``."""
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)


def is_logical(node: exp.Expr) -> bool:
    """Whether a node is true, false or null by what it is."""
    node = bare(node)
    return isinstance(node, _LOGICAL) and not isinstance(node, _QUANTIFIED)


def is_total(dialect: str) -> bool:
    """Whether ``not a <= b`` is ``a > b``."""
    return dialect in _ONE_OF_THREE


def negated(node: exp.Expr, dialect: str) -> exp.Expr | None:
    """Return what ``not node`` says without that NOT, or None where it needs it."""
    node = bare(node)
    if isinstance(node, exp.Not):
        return bare(node.this) if is_logical(node.this) else None
    if isinstance(node, exp.Connector) and isinstance(node, exp.And | exp.Or):
        other = exp.Or if isinstance(node, exp.And) else exp.And
        return other(this=exp.Not(this=node.left), expression=exp.Not(this=node.right))
    if is_quantified(node):
        return None  # not equal to any is not: other than some
    if isinstance(node, exp.Like | exp.ILike) and node.args.get("negate"):
        return type(node)(this=node.this, expression=node.expression)
    if isinstance(node, exp.Boolean):
        return exp.Boolean(this=not node.this)
    kind = _EQUAL.get(type(node)) or (_ORDER.get(type(node)) if is_total(dialect) else None)
    if kind is None or not isinstance(node, exp.Binary):
        return None
    return kind(this=node.left, expression=node.right)


def is_quantified(node: exp.Expr) -> bool:
    """Whether a node compares with ANY or ALL of several things."""
    sides = (node.args.get("this"), node.args.get("expression"))
    return any(isinstance(bare(one), _QUANTIFIED) for one in sides if isinstance(one, exp.Expr))


def affirmed(node: exp.Expr, dialect: str) -> exp.Expr | None:
    """Return a simpler condition that is true where `node` is; None where there is none."""
    if isinstance(node, exp.Is) and _is_true(node.expression):
        return bare(node.this)
    if isinstance(node, exp.EQ) and _is_true(node.right) and is_logical(node.left):
        return bare(node.left)
    if isinstance(node, exp.Coalesce) and len(node.expressions) == 1:
        last = node.expressions[0]
        return bare(node.this) if isinstance(last, exp.Boolean) and not last.this else None
    known = type(node) in _TESTS and dialect in PLAIN_LITERALS
    if known and isinstance(node, exp.Binary):
        return _without_default(node)
    return None


def _without_default(node: exp.Binary) -> exp.Expr | None:
    """Return ``x > 0`` for ``coalesce(x, 0) > 0``, which is not true where `x` is null."""
    sides = [bare(node.left), bare(node.right)]
    for place, side in enumerate(sides):
        if isinstance(side, exp.Coalesce) and len(side.expressions) == 1:
            instead = [*sides]
            instead[place] = bare(side.expressions[0])
            if _is_false(type(node), *instead):
                sides[place] = side.this
                return type(node)(this=sides[0], expression=sides[1])
    return None


def _is_true(node: exp.Expr) -> bool:
    return isinstance(node, exp.Boolean) and bool(node.this)


def _is_false(kind: type[exp.Expr], one: exp.Expr, other: exp.Expr) -> bool:
    """Whether a comparison of two literals is false, whatever type they are taken for."""
    kinds = {kind_of_literal(one), kind_of_literal(other)}
    if len(kinds) > 1 or kinds == {""}:
        return False
    if kinds == {"whole"}:  # of which some type may make true and false
        sides = [int(str(side.this)) for side in (one, other)]
        return not _TESTS[kind](*sides) and not _TESTS[kind](*map(bool, sides))
    if kind is exp.NEQ:
        return bool(one.this == other.this)
    return kind is exp.EQ and are_apart(str(one.this), str(other.this))


def kind_of_literal(node: exp.Expr) -> str:
    """Return whether a node is a text or a whole number as it stands; empty for anything else.

    Only of numbers that every type has, FLOAT included, so that two of them are two.
    """
    if not isinstance(node, exp.Literal):
        return ""
    if node.is_string:
        return "text"
    return "whole" if str(node.this).isdigit() and len(str(node.this)) <= _DIGITS else ""


def compared_with_number(node: exp.Expr) -> tuple[exp.Expr, type[exp.Expr], int] | None:
    """Return what is compared with a whole number, how, and with which; None for all else."""
    kind = type(node)
    if not isinstance(node, exp.Binary) or kind not in _TESTS:
        return None
    value, limit = bare(node.left), bare(node.right)
    if kind_of_literal(value) == "whole":
        value, limit, kind = limit, value, _TURNED.get(kind, kind)
    if kind_of_literal(limit) != "whole" or isinstance(value, exp.Literal):
        return None
    return value, kind, int(str(limit.this))


def from_least(kind: type[exp.Expr], limit: int, least: int) -> tuple[type[exp.Expr], int] | bool:
    """Return the one way in which a whole number that is `least` or more is compared with `limit`.

    Returns:
        How, and with what; or whether it is so of all such numbers, or of none.
    """
    if kind in (exp.GTE, exp.LT):
        kind, limit = _NEXT[kind], limit - 1
    if limit < least:
        return kind in (exp.GT, exp.NEQ)
    if limit == least and kind in (exp.GT, exp.LTE):
        return (exp.NEQ if kind is exp.GT else exp.EQ), limit
    return kind, limit


def are_apart(one: str, other: str) -> bool:
    """Whether no value of any type equals both texts: plain words that differ in more than case."""
    words = [text.strip().lower().replace("_", "") for text in (one, other)]
    return words[0] != words[1] and all(not word or _is_plain_word(word) for word in words)


def _is_plain_word(word: str) -> bool:
    typed = any(name.startswith(word) for name in _TYPED)
    return word.isalpha() and word.isascii() and not typed
