"""Just enough about types to see that one changed, and that two no longer get on.

A type is written as a word for its family and the exact type where that is known:
``number:DECIMAL(10, 2)``, ``text``, ``boolean``, ``time``. ``digits`` is text made from a number,
which a warehouse that casts while comparing turns back without an error. Empty means unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

from sqlglot import exp

from analytics_tools.sql.readable import may_be

# How families meet that don't get on, and which: the first two parts of a `findings.Clash`.
Met: TypeAlias = tuple[str, tuple[str, ...]]

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
_NUMBERS_ONLY = (
    exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Sum, exp.Avg, exp.Abs, exp.Round, exp.Floor,
    exp.Ceil, exp.Sqrt, exp.Stddev, exp.Variance, exp.Neg,
)  # fmt: skip
_TRUNCATED = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_OF_DAYS = ("time:DATE", "time:TIMESTAMP")
_NO_TEXTS = (exp.Add, exp.Sub)
_TEXTS_ONLY = (
    exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Replace, exp.Initcap, exp.Left, exp.Right,
    exp.SplitPart, exp.RegexpReplace, exp.RegexpExtract, exp.Like, exp.ILike, exp.StartsWith,
    exp.Length,
)  # fmt: skip
_TIMES_ONLY = (
    exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc, exp.Extract, exp.Year, exp.Month, exp.Day,
    exp.DayOfWeek, exp.LastDay, exp.TimeToStr, exp.DateDiff, exp.DateAdd,
)  # fmt: skip
SUMMABLE = "summable"  # all but text
_WRONG = {
    "": frozenset[str](),
    SUMMABLE: frozenset((TEXT, DIGITS)),
    NUMBER: frozenset((TEXT, DIGITS, TIME, BOOLEAN)),
    TEXT: frozenset((NUMBER, TIME, BOOLEAN)),
    TIME: frozenset((TEXT, DIGITS, NUMBER, BOOLEAN)),
}
_ORDER = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_LIKE = {DIGITS: TEXT, BOOLEAN: NUMBER}


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


def is_known(kind: exp.DataType) -> bool:
    """Whether DuckDB surely has a type: not one by a name of somebody's own, or too wide."""
    if kind.this is exp.DType.USERDEFINED:
        return False
    sizes = [str(part) for part in kind.expressions]
    if kind.this is not exp.DType.DECIMAL or not all(map(str.isdigit, sizes)):
        return True
    width, scale = [*map(int, sizes), 18, 3][:2] if len(sizes) != 1 else (int(sizes[0]), 0)
    return 0 < width <= 38 and scale <= width


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
    if issubclass(node, _TRUNCATED):
        return "truncated"
    return "alike" if issubclass(node, _ALIKE) else ""


@functools.cache
def _wants(node: Hashable) -> str:
    assert isinstance(node, type)  # noqa: S101
    if issubclass(node, _NUMBERS_ONLY):
        return NUMBER
    if issubclass(node, _NO_TEXTS):
        return SUMMABLE
    if issubclass(node, _TEXTS_ONLY):
        return TEXT
    return TIME if issubclass(node, _TIMES_ONLY) else ""


def result(node: exp.Expr, inner: Sequence[str], dialect: str) -> str:
    """Return the type of an operation on values of the types `inner`."""
    kind = _kind(_class(node))
    if kind == "truncated":
        first = next(iter(inner), "")
        plain = dialect == "duckdb" and first in _OF_DAYS
        return "time:TIMESTAMP" if plain else TIME if family(first) == TIME else ""
    if kind == "alike":
        known = [type_ for type_ in (inner[:1] if isinstance(node, exp.Nullif) else inner) if type_]
        numbers = [type_ for type_ in known if family(type_) == NUMBER]
        mixed = bool(known) and family(known[0]) == BOOLEAN
        return next(iter((mixed and numbers) or known), "")
    if kind == "number of same":
        first = next(iter(inner), "")
        return f"number:{type(node).__name__} of {first}" if first else NUMBER
    if kind == NUMBER and any(inner):
        return "number:" + type(node).__name__ + " of " + ", ".join(inner)
    return kind


def comparison(node: exp.Expr, types: Sequence[str], dialect: str) -> Met | None:
    """Return what clashes when what is compared is not of one family."""
    met = _apart("order" if isinstance(node, _ORDER) else "compare", types)
    if met:
        return met
    known = next((family(type_) for type_ in types if type_), "")
    texts = [
        str(p.this) for p in node.iter_expressions() if isinstance(p, exp.Literal) and p.is_string
    ]
    fit = all(may_be(known, text, dialect) for text in texts)
    return None if fit else ("literal", (known,))


def cast(node: exp.Cast, inner: str, dialect: str) -> Met | None:
    """Return what clashes when a type is cast to one that no value of it has."""
    if isinstance(node, exp.TryCast):
        return None
    target, given, one = family(of_data_type(node.to)), family(inner), node.this
    if isinstance(one, exp.Literal) and one.is_string:
        return None if may_be(target, str(one.this), dialect) else ("literal", (target,))
    is_time = {target, given} & {TIME}
    other = {target, given} & {NUMBER, BOOLEAN}
    return ("cast", (given, target)) if is_time and other else None


def mixture(types: Iterable[str]) -> Met | None:
    """Return what clashes when one of several values is taken, and they are not of one family."""
    return _apart("mix", types)


def union(types: Sequence[str], dialect: str) -> tuple[str, Met | None]:
    """Return the type that a column of a set operation has, and what clashes in it."""
    if len(set(types)) == 1:
        return types[0], None
    met = _apart("union", types)
    met_families = {_LIKE.get(family(type_), family(type_)) for type_ in types}
    if met and TEXT in met_families and dialect == "duckdb":
        return TEXT, None  # it makes texts of them all
    alike = len(met_families) == 1 and BOOLEAN not in map(family, types)
    return met_families.pop() if alike else "", met


def _apart(kind: str, types: Iterable[str]) -> Met | None:
    """A truth value gets on with a number."""
    met = {family(type_) for type_ in types if type_} - {""}
    return (kind, tuple(sorted(met))) if len({_LIKE.get(one, one) for one in met}) > 1 else None


def argument(node: exp.Expr, inner: Sequence[str]) -> Met | None:
    """Return what clashes when an operation is given what it doesn't take."""
    wanted = _wants(_class(node))
    if not wanted:
        return None
    if wanted == SUMMABLE and any(type_ and not family(type_) for type_ in inner):
        return None  # of JSON a key can be taken away
    if isinstance(node, exp.Extract):
        inner = inner[1:]
    elif wanted in (TEXT, TIME) and not isinstance(node, exp.DateDiff):
        inner = inner[:1]
    wrong = {unfit(wanted, type_) for type_ in inner} - {""}
    if isinstance(node, exp.Sum | exp.Avg):
        wrong -= {BOOLEAN if isinstance(node, exp.Sum) else TIME}
    return (wanted, tuple(sorted(wrong))) if wrong else None


def unfit(wanted: str, type_: str) -> str:
    """Return the family of a type that isn't taken where another family is wanted; else empty."""
    given = family(type_)
    sure = wanted in (NUMBER, SUMMABLE) or _is_sure(type_)
    return given if sure and given in _WRONG[wanted] else ""


def _is_sure(type_: str) -> bool:
    """Whether a type is told, and not worked out: a sum may be one of intervals."""
    return family(type_) != NUMBER or (":" in type_ and " of " not in type_)
