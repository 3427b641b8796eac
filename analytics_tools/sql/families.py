"""Just enough about types to see that one changed, and that two no longer get on.

A type is written as a word for its family and the exact type where that is known:
``number:DECIMAL(10, 2)``, ``text``, ``boolean``, ``time``. ``digits`` is text made from a number,
which a warehouse that casts while comparing turns back without an error. Empty means unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence

from sqlglot import exp

from analytics_tools.sql.findings import Clash

NUMBER, TEXT, DIGITS, BOOLEAN, TIME = "number", "text", "digits", "boolean", "time"

# They have a null of their own: not null itself, until it is cast.
_JSON = frozenset((":JSON", ":JSONB", ":VARIANT", ":SUPER"))
_JSON_FUNCTIONS = (exp.JSONExtract, exp.ParseJSON)

_TEXT_FUNCTIONS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Concat, exp.ConcatWs, exp.Substring, exp.Replace,
    exp.DPipe, exp.GroupConcat, exp.Initcap, exp.Left, exp.Right, exp.MD5, exp.SHA, exp.SplitPart,
    exp.RegexpReplace, exp.RegexpExtract, exp.TimeToStr, exp.Repeat, exp.Pad,
)  # fmt: skip
_NUMBER_FUNCTIONS = (
    exp.Count, exp.CountIf, exp.Length, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Extract,
    exp.DateDiff, exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Stddev, exp.Variance, exp.Year,
    exp.Month,
)  # fmt: skip
_BOOLEANS = (exp.Predicate, exp.Not, exp.And, exp.Or)
# Of the type of what they are given, or of the first of it that has one.
_ALIKE = (
    exp.Coalesce, exp.Min, exp.Max, exp.Nullif, exp.AnyValue, exp.First, exp.Last, exp.Lag,
    exp.Lead, exp.FirstValue, exp.LastValue, exp.Greatest, exp.Least, exp.Window, exp.IgnoreNulls,
    exp.Filter, exp.Order, exp.Case, exp.If,
)  # fmt: skip
_NUMBER_OF_SAME = (exp.Sum, exp.Avg, exp.Round, exp.Abs, exp.Floor, exp.Ceil, exp.Neg)
_NUMBERS_ONLY = (exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Sum, exp.Avg, exp.Abs)


def family(type_: str) -> str:
    """Return the family of a type as this module writes it."""
    return type_.partition(":")[0]


@functools.lru_cache(maxsize=4096)
def of_name(name: str, dialect: str) -> str:
    """Return the type for a name that a catalog or YAML gives; empty when it isn't known."""
    try:
        return of_data_type(exp.DataType.build(name, dialect=dialect or None)) if name else ""
    except Exception:
        return ""


def of_data_type(kind: exp.DataType) -> str:
    """Return the type for a parsed type."""
    return _of_plain(kind.this) if _is_plain(kind) else _of_kind(kind)


def spelling(kind: exp.DataType) -> str:
    """Return a parsed type as text."""
    return _spelling_of_plain(kind.this) if _is_plain(kind) else kind.sql()


def _is_plain(kind: exp.DataType) -> bool:
    """Whether a type is a bare name: of those there are few, and each is written out once."""
    return isinstance(kind.this, exp.DType) and not any(
        part for key, part in kind.args.items() if key != "this"
    )


@functools.cache
def _of_plain(name: exp.DType) -> str:
    return _of_kind(exp.DataType(this=name))


@functools.cache
def _spelling_of_plain(name: exp.DType) -> str:
    return exp.DataType(this=name).sql()


def _of_kind(kind: exp.DataType) -> str:
    found = ""
    if kind.is_type(*exp.DataType.NUMERIC_TYPES):
        found = NUMBER
    elif kind.is_type(*exp.DataType.TEXT_TYPES):
        found = TEXT
    elif kind.is_type(*exp.DataType.TEMPORAL_TYPES):
        found = TIME
    elif kind.is_type("boolean"):
        found = BOOLEAN
    return f"{found}:{kind.sql()}"


def any_number(types: Iterable[str]) -> bool:
    """Whether one of some types is a number: ``+`` then adds, and joins no lists or texts."""
    return NUMBER in map(family, types)


def may_hold_null(type_: str, dialect: str) -> bool:
    """Whether a value that is not null may be once it is cast."""
    return type_ in _JSON or (not type_ and dialect in ("duckdb", "snowflake"))


def of_cast(node: exp.Cast, inner: str) -> str:
    """Return the type a cast gives."""
    target = of_data_type(node.to)
    if family(target) == TEXT and family(inner) in (NUMBER, DIGITS):
        return DIGITS + target[len(TEXT) :]
    return target


def _class(node: exp.Expr) -> Hashable:
    kind: object = type(node)
    return kind


@functools.cache
def _kind(node: Hashable) -> str:
    assert isinstance(node, type)  # noqa: S101
    if issubclass(node, _BOOLEANS):
        return BOOLEAN
    if issubclass(node, _TEXT_FUNCTIONS):
        return TEXT
    if issubclass(node, _NUMBER_FUNCTIONS):
        return NUMBER
    if issubclass(node, _JSON_FUNCTIONS):
        return ":JSON"
    if issubclass(node, _NUMBER_OF_SAME):
        return "number of same"
    return "alike" if issubclass(node, _ALIKE) else ""


@functools.cache
def _wants_numbers(node: Hashable) -> bool:
    return isinstance(node, type) and issubclass(node, _NUMBERS_ONLY)


def result(node: exp.Expr, inner: Sequence[str]) -> str:
    """Return the type of an operation on values of the types `inner`."""
    kind = _kind(_class(node))
    if kind == "alike":
        return next((type_ for type_ in inner if type_), "")
    if kind == "number of same":
        first = next(iter(inner), "")
        return f"number:{type(node).__name__} of {first}" if first else NUMBER
    if kind == NUMBER and any(inner):
        return "number:" + type(node).__name__ + " of " + ", ".join(inner)
    return kind


def comparison(node: exp.Expr, sides: Sequence[str]) -> Clash | None:
    """Return the clash when a number is compared with text."""
    found = {family(type_) for type_ in sides}
    if NUMBER in found and found & {TEXT, DIGITS}:
        kind = "order" if isinstance(node, exp.LT | exp.LTE | exp.GT | exp.GTE) else "compare"
        return Clash(kind, DIGITS in found, node.sql())
    return None


def arithmetic(node: exp.Expr, inner: Sequence[str]) -> Clash | None:
    """Return the clash when an operation that wants numbers is given text."""
    if _wants_numbers(_class(node)):
        found = {family(type_) for type_ in inner}
        if found & {TEXT, DIGITS}:
            return Clash("arithmetic", TEXT not in found, node.sql())
    return None
