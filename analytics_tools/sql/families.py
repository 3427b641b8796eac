"""Just enough about types to see that one changed, and (in `clashes`) that two don't get on.

A type is written as a word for its family and the exact type where that is known:
``number:DECIMAL(10, 2)``, ``text``, ``boolean``, ``time``. ``digits`` is text made from a number,
which a warehouse that casts while comparing turns back without an error. A text as it stands in SQL
is ``quoted``: it becomes what it stands beside, as ``null`` does. Empty means unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence

from sqlglot import exp

from analytics_tools.sql.declared import SURE_NUMBER as SURE_NUMBER

NUMBER, TEXT, DIGITS, BOOLEAN, TIME = "number", "text", "digits", "boolean", "time"
QUOTED, NULL = "quoted", "null"

# They have a null of their own: not null itself, until it is cast.
_JSON = frozenset((":JSON", ":JSONB", ":VARIANT", ":SUPER"))
_JSON_FUNCTIONS = (exp.JSONExtract, exp.ParseJSON)

_TEXT_FUNCTIONS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Concat, exp.ConcatWs, exp.Substring, exp.Replace,
    exp.DPipe, exp.GroupConcat, exp.Initcap, exp.Left, exp.Right, exp.MD5, exp.SHA, exp.SplitPart,
    exp.RegexpReplace, exp.RegexpExtract, exp.TimeToStr, exp.Repeat, exp.Pad, exp.Dayname,
    exp.Monthname, exp.Chr, exp.ToChar,
)  # fmt: skip
# Whole numbers of what is given; and what may be an interval as well, where that was one.
_COUNTS = (
    exp.Count, exp.CountIf, exp.Length, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Extract,
    exp.DateDiff, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop,
    exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.DayOfWeek, exp.DayOfYear, exp.Hour,
    exp.Minute, exp.TimeToUnix, exp.Pow, exp.Ln, exp.Log, exp.Exp, exp.Sqrt, exp.Cbrt, exp.Sign,
    exp.Ascii,
)  # fmt: skip
_NUMBER_FUNCTIONS = (*_COUNTS, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
_TIME_FUNCTIONS = (
    exp.CurrentDate, exp.CurrentTimestamp, exp.StrToTime, exp.DateFromParts, exp.UnixToTime,
    exp.TsOrDsToDate, exp.LastDay, exp.DateAdd, exp.DateSub, exp.TimestampAdd, exp.TimestampSub,
    exp.DateBin,
)  # fmt: skip
_BOOLEANS = (exp.Predicate, exp.Not, exp.And, exp.Or, exp.LogicalOr, exp.LogicalAnd)
# Of the type of what they are given first.
_SAME = (
    exp.Min, exp.Max, exp.Nullif, exp.AnyValue, exp.First, exp.Last, exp.Lag, exp.Lead,
    exp.FirstValue, exp.LastValue, exp.Window, exp.IgnoreNulls, exp.Filter, exp.Order, exp.ArgMax,
    exp.ArgMin, exp.Mode,
)  # fmt: skip
_NUMBER_OF_SAME = (exp.Sum, exp.Round, exp.Abs, exp.Floor, exp.Ceil, exp.Neg)
_MEANS = (exp.Avg, exp.Median, exp.PercentileCont)
_TRUNCATED = (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_OF_DAYS = ("time:DATE", "time:TIMESTAMP")
_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    (BOOLEAN, _BOOLEANS), (TEXT, _TEXT_FUNCTIONS), (NUMBER, _NUMBER_FUNCTIONS),
    (TIME, _TIME_FUNCTIONS), (":JSON", _JSON_FUNCTIONS), ("same", _SAME),
    ("number of same", _NUMBER_OF_SAME), ("mean", _MEANS), ("truncated", _TRUNCATED),
    ("sum", (exp.Add, exp.Sub)),
)  # fmt: skip
_ALONE = frozenset(kind.__name__ for kind in (*_NUMBER_OF_SAME, *_MEANS))
_COUNTED = frozenset(("Number", *(kind.__name__ for kind in _COUNTS)))


def family(type_: str) -> str:
    """Return the family of a type as this module writes it."""
    return type_.partition(":")[0]


@functools.lru_cache(maxsize=4096)
def of_name(name: str, dialect: str) -> str:
    """Return the type for a name that a catalog or YAML gives; empty when it isn't known."""
    try:
        kind = exp.DataType.build(name, dialect=dialect or None) if name else None
    except Exception:
        return ""
    return of_data_type(kind, dialect) if kind else ""


def of_data_type(kind: exp.DataType, dialect: str) -> str:
    """Return the type for a parsed type, spelled as its dialect does."""
    sizes = sizes_of(kind)
    return _of_kind(kind, dialect) if sizes is None else _of_sized(kind.this, sizes, dialect)


def spelling(kind: exp.DataType) -> str:
    """Return a parsed type as text, one for all dialects."""
    sizes = sizes_of(kind)
    return kind.sql() if sizes is None else _spelling_of_sized(kind.this, sizes)


def sizes_of(kind: exp.DataType) -> tuple[str, ...] | None:
    """Return the sizes of a type by a bare name; None for any other type.

    Of such there are few, and each is written out once.
    """
    if not isinstance(kind.this, exp.DType):
        return None
    sizes = []
    for key, part in kind.args.items():
        if key == "expressions":
            for one in part or ():
                size = one.this if isinstance(one, exp.DataTypeParam) else None
                if not isinstance(size, exp.Literal) or one.args.get("expression"):
                    return None
                sizes.append(str(size.this))
        elif part and key != "this":
            return None
    return tuple(sizes)


def _sized(name: exp.DType, sizes: tuple[str, ...]) -> exp.DataType:
    parts = [exp.DataTypeParam(this=exp.Literal.number(size)) for size in sizes]
    return exp.DataType(this=name, expressions=parts) if parts else exp.DataType(this=name)


@functools.cache
def _of_sized(name: exp.DType, sizes: tuple[str, ...], dialect: str) -> str:
    return _of_kind(_sized(name, sizes), dialect)


@functools.cache
def _spelling_of_sized(name: exp.DType, sizes: tuple[str, ...]) -> str:
    return _sized(name, sizes).sql()


def _of_kind(kind: exp.DataType, dialect: str) -> str:
    found = ""
    if kind.is_type(*exp.DataType.NUMERIC_TYPES):
        found = NUMBER
    elif kind.is_type(*exp.DataType.TEXT_TYPES):
        found = TEXT
    elif kind.is_type(*exp.DataType.TEMPORAL_TYPES):
        found = TIME
    elif kind.is_type("boolean"):
        found = BOOLEAN
    return f"{found}:{kind.sql(dialect or None)}"


def any_number(types: Iterable[str]) -> bool:
    """Whether one of some types is a number: ``+`` then adds, and joins no lists or texts."""
    return NUMBER in map(family, types)


def is_sure(type_: str) -> bool:
    """Whether a type is told, and not worked out of what may be intervals."""
    made, _, of = type_.partition(":")[2].partition(" of ")
    if family(type_) != NUMBER or made in _COUNTED:
        return True
    return is_sure(of) if of.startswith(NUMBER) and made in _ALONE else bool(made) and not of


def may_hold_null(type_: str, dialect: str) -> bool:
    """Whether a value that is not null may be once it is cast."""
    return type_ in _JSON or (type_ in ("", QUOTED, NULL) and dialect in ("duckdb", "snowflake"))


def of_cast(node: exp.Cast, inner: str, dialect: str) -> str:
    """Return the type a cast gives."""
    target = of_data_type(node.to, dialect)
    if family(target) == TEXT and family(inner) in (NUMBER, DIGITS):
        return DIGITS + target[len(TEXT) :]
    return target


def kind_of(node: exp.Expr) -> Hashable:
    """Return the kind of an expression, to remember things by."""
    kind: object = type(node)
    return kind


@functools.cache
def _kind(node: Hashable) -> str:
    assert isinstance(node, type)  # noqa: S101
    return next((name for name, kinds in _KINDS if issubclass(node, kinds)), "")


def result(node: exp.Expr, inner: Sequence[str], dialect: str) -> str:
    """Return the type of an operation on values of the types `inner`."""
    kind = _kind(kind_of(node))
    first = next(iter(inner), "")
    if kind == "same":
        return first
    if kind == "truncated":
        plain = dialect == "duckdb" and first in _OF_DAYS
        return "time:TIMESTAMP" if plain else TIME if family(first) == TIME else ""
    if kind == "sum":
        return _added(node, inner)
    if kind == "mean" and family(first) in (TIME, ""):
        return TIME if first else ""
    if kind in ("mean", "number of same"):
        return f"number:{type(node).__name__} of {first}" if first else NUMBER
    if kind == NUMBER and (any(inner) or type(node).__name__ in _COUNTED):
        return f"number:{type(node).__name__} of {', '.join(inner)}"
    return kind


def suiting(types: Iterable[str]) -> str:
    """Return the type that suits all of some: the family alone, where they are not one type."""
    types = {type_ for type_ in types if type_ != NULL}
    families = {family(type_) for type_ in types if type_ != QUOTED} - {""}
    if any(type_.startswith(":") for type_ in types):
        return ""  # beside JSON all may become JSON
    if types == {QUOTED}:
        return TEXT
    if len(types) == 1:
        return types.pop()
    if families in ({NUMBER}, {BOOLEAN, NUMBER}):
        return SURE_NUMBER if all(map(is_sure, types - {QUOTED})) else NUMBER
    if families == {TEXT, DIGITS}:
        return TEXT
    return families.pop() if len(families) == 1 else ""


def _added(node: exp.Expr, inner: Sequence[str]) -> str:
    families = {*map(family, inner)}
    if families == {NUMBER}:
        return f"number:{type(node).__name__} of {', '.join(inner)}"
    other = node.args.get("expression")
    is_later = isinstance(other, exp.Interval) or families == {TIME, NUMBER}
    return TIME if TIME in families and is_later else ""
