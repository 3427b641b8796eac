"""Which types don't get on in an operation: the first two parts of a `findings.Clash`."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

from sqlglot import exp

from analytics_tools.sql.families import (
    BOOLEAN,
    DIGITS,
    NULL,
    NUMBER,
    QUOTED,
    TEXT,
    TIME,
    family,
    is_sure,
    kind_of,
    of_data_type,
    sizes_of,
)
from analytics_tools.sql.readable import may_be

# How families meet that don't get on, and which.
Met: TypeAlias = tuple[str, tuple[str, ...]]

# What is wanted that is no family: what can be summed, and what has a mean.
SUMMABLE, MEASURED = "summable", "measured"
_WRONG = {
    "": frozenset[str](),
    SUMMABLE: frozenset((TEXT, DIGITS)),
    MEASURED: frozenset((TEXT, DIGITS, BOOLEAN)),
    NUMBER: frozenset((TEXT, DIGITS, TIME, BOOLEAN)),
    TEXT: frozenset((NUMBER, TIME, BOOLEAN)),
    TIME: frozenset((TEXT, DIGITS, NUMBER, BOOLEAN)),
    BOOLEAN: frozenset((TEXT, DIGITS, NUMBER, TIME)),
}
_WANTED: tuple[tuple[str, tuple[type, ...]], ...] = (
    (NUMBER, (exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Sum, exp.Abs, exp.Round, exp.Floor,
              exp.Ceil, exp.Sqrt, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance,
              exp.VariancePop, exp.Neg, exp.Pow, exp.Ln, exp.Log, exp.Exp, exp.Cbrt, exp.Sign)),
    (MEASURED, (exp.Avg, exp.PercentileCont)),
    (SUMMABLE, (exp.Add, exp.Sub)),
    (TEXT, (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Replace, exp.Initcap, exp.Left,
            exp.Right, exp.SplitPart, exp.RegexpReplace, exp.RegexpExtract, exp.RegexpLike,
            exp.SimilarTo, exp.Like, exp.ILike, exp.StartsWith, exp.Length, exp.Pad,
            exp.Reverse, exp.Contains, exp.Ascii)),
    (TIME, (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc, exp.Extract, exp.Year,
            exp.Quarter, exp.Month, exp.Week, exp.Day, exp.DayOfWeek, exp.DayOfYear, exp.Hour,
            exp.Minute, exp.Dayname, exp.Monthname, exp.LastDay, exp.TimeToStr, exp.TimeToUnix,
            exp.DateDiff, exp.DateAdd, exp.DateSub)),
    (BOOLEAN, (exp.LogicalOr, exp.LogicalAnd)),
)  # fmt: skip
_ORDER = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_LIKE = {DIGITS: TEXT, BOOLEAN: NUMBER}
_UNKNOWN = frozenset(("", NULL, QUOTED))


def comparison(node: exp.Expr, types: Sequence[str], dialect: str) -> Met | None:
    """Return what clashes when what is compared is not of one family."""
    met = _apart("order" if isinstance(node, _ORDER) else "compare", types)
    if met:
        return met
    known = next((one for type_ in types if (one := family(type_)) not in _UNKNOWN), "")
    texts = [
        str(part.this)
        for part in node.iter_expressions()
        if isinstance(part, exp.Literal) and part.is_string
    ]
    fit = all(may_be(known, text, dialect) for text in texts)
    return None if fit else ("literal", (known,))


def cast(node: exp.Cast, inner: str, dialect: str) -> Met | None:
    """Return what clashes when a type is cast to one that no value of it has, or not each."""
    if isinstance(node, exp.TryCast):
        return None
    target, given, one = family(of_data_type(node.to, dialect)), family(inner), node.this
    if isinstance(one, exp.Literal) and one.is_string:
        return None if may_be(target, str(one.this), dialect) else ("literal", (target,))
    if given == TEXT and target in (NUMBER, TIME, BOOLEAN):
        return "parse", (given, target)
    is_time = {target, given} & {TIME}
    other = {target, given} & {NUMBER, BOOLEAN}
    return ("cast", (given, target)) if is_time and other else None


def mixture(types: Iterable[str]) -> Met | None:
    """Return what clashes when one of several values is taken, and they are not of one family."""
    return _apart("mix", types)


def union(types: Sequence[str], dialect: str) -> tuple[str, Met | None]:
    """Return the type that a column of a set operation has, and what clashes in it."""
    known = [type_ for type_ in types if type_ != NULL]
    if len({*known}) < 2:
        return known[0] if known else NULL, None
    met = _apart("union", known)
    found = {_LIKE.get(family(type_), family(type_)) for type_ in known}
    if TEXT in found and dialect == "duckdb":
        return TEXT, None  # it makes texts of them all
    alike = len(found) == 1 and BOOLEAN not in map(family, known)
    return found.pop() if alike else "", met


def _apart(kind: str, types: Iterable[str]) -> Met | None:
    """A truth value gets on with a number."""
    met = {family(type_) for type_ in types} - _UNKNOWN
    return (kind, tuple(sorted(met))) if len({_LIKE.get(one, one) for one in met}) > 1 else None


def argument(node: exp.Expr, inner: Sequence[str]) -> Met | None:
    """Return what clashes when an operation is given what it doesn't take."""
    wanted = _wants(kind_of(node))
    if not wanted:
        return None
    if wanted == SUMMABLE and any(type_ and not family(type_) for type_ in inner):
        return None  # of JSON a key can be taken away
    if isinstance(node, exp.Extract):
        inner = inner[1:]
    elif wanted in (TEXT, TIME) and not isinstance(node, exp.DateDiff):
        inner = inner[:1]
    wrong = {unfit(wanted, type_) for type_ in inner} - {""}
    if isinstance(node, exp.Sum):
        wrong -= {BOOLEAN}
    return (wanted, tuple(sorted(wrong))) if wrong else None


def unfit(wanted: str, type_: str) -> str:
    """Return the family of a type that isn't taken where another family is wanted; else empty."""
    given = family(type_)
    sure = wanted not in (TEXT, TIME, BOOLEAN) or is_sure(type_)
    return given if sure and given in _WRONG[wanted] else ""


@functools.cache
def _wants(node: Hashable) -> str:
    assert isinstance(node, type)  # noqa: S101
    return next((name for name, kinds in _WANTED if issubclass(node, kinds)), "")


def is_known(kind: exp.DataType) -> bool:
    """Whether DuckDB surely has a type: not one by a name of somebody's own, or too wide."""
    if kind.this is not exp.DType.DECIMAL:
        return kind.this is not exp.DType.USERDEFINED
    sizes = sizes_of(kind) or ()
    if not all(map(str.isdigit, sizes)):
        return True
    width, scale = [*map(int, sizes), 0][:2] if sizes else (18, 3)
    return 0 < width <= 38 and scale <= width
