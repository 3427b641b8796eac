"""What is certain of a value besides where it comes from: never null, exact, text, an integer.

A fact lets two spellings of one thing be seen as one: ``coalesce(x, 0)`` is ``x`` where `x` is
never null, and a sum of exact numbers is the same in any order. Facts are flags; none is the
answer whenever it is not certain.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence

from sqlglot import exp

from analytics_tools.sql.flags import DOUBLE as DOUBLE
from analytics_tools.sql.flags import EXACT as EXACT
from analytics_tools.sql.flags import FILLED as FILLED
from analytics_tools.sql.flags import FROM_ONE as FROM_ONE
from analytics_tools.sql.flags import FROM_ZERO as FROM_ZERO
from analytics_tools.sql.flags import INTEGER as INTEGER
from analytics_tools.sql.flags import OF_TYPE as OF_TYPE
from analytics_tools.sql.flags import OR_NULL as OR_NULL
from analytics_tools.sql.flags import SMALL as SMALL
from analytics_tools.sql.flags import TEXT as TEXT
from analytics_tools.sql.flags import WIDE as WIDE

NULL = OF_TYPE

_DECIMALS = frozenset(("duckdb", "postgres", "snowflake", "redshift", "trino", "athena"))
# Where a cast fails rather than gives null.
_CASTS_OR_FAILS = frozenset(("duckdb", "postgres", "redshift", "snowflake", "bigquery", "trino"))
# Where all types of text are one.
_ONE_TEXT = frozenset(("duckdb", "snowflake"))
_AVERAGES_EXACTLY = frozenset(("duckdb", "postgres", "snowflake"))

# Null only if something they are given is.
_KEEP_FILLED = (
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.EQ, exp.NEQ, exp.LT,
    exp.LTE, exp.GT, exp.GTE, exp.And, exp.Or, exp.Not, exp.Lower, exp.Upper, exp.DPipe,
)  # fmt: skip
# Null wherever any of the first so many things they are given is.
_NULL_OF: dict[object, int] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), 2),
    **dict.fromkeys((exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Round), 1),
    **dict.fromkeys((exp.Lower, exp.Upper, exp.Trim, exp.Nullif), 1),
}
# Exact when what they are given is.
_KEEP_EXACT = (
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Round, exp.Sum, exp.Min,
    exp.Max, exp.AnyValue, exp.Nullif, exp.Filter,
)  # fmt: skip
_KEEP_TYPE = (exp.Min, exp.Max, exp.AnyValue, exp.Nullif, exp.Filter)
_TEXTS = (exp.Lower, exp.Upper, exp.Trim, exp.Replace)
NUMBERS_OF_ROWS = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank)
_TEXT_TYPES = frozenset(("TEXT", "VARCHAR"))
_EXACT_TYPES = frozenset(("DECIMAL",))
_DIGITS_OF_INT = 10  # a decimal with as many takes a whole number without getting wider
_INTEGERS = frozenset(("INT", "BIGINT", "SMALLINT", "TINYINT", "INT128", "HUGEINT"))


def of_literal(node: exp.Literal, dialect: str) -> int:
    """Return what is certain of a literal."""
    if node.is_string:
        return FILLED | (TEXT if dialect in _ONE_TEXT else 0)
    text = str(node.this)
    if text.isdigit():
        return FILLED | EXACT | (SMALL if len(text) < 4 and int(text) < 128 else 0)
    plain = text.replace(".", "", 1).isdigit()
    if not plain and dialect == "duckdb":
        return FILLED | DOUBLE
    return FILLED | (EXACT if plain and dialect in _DECIMALS else 0)


def of_type(kind: exp.DataType, dialect: str) -> int:
    """Return what is certain of anything of a type."""
    if not isinstance(kind.this, exp.DType):
        return 0
    name = kind.this.value
    if name in _INTEGERS:
        return EXACT | INTEGER
    if name in _EXACT_TYPES:
        wide = WIDE if _whole_digits(kind) >= _DIGITS_OF_INT else 0
        return EXACT | wide if dialect in _DECIMALS else 0
    if name in _TEXT_TYPES and dialect in _ONE_TEXT:
        # Snowflake cuts off what is too long for a length; DuckDB knows no lengths.
        return 0 if kind.expressions and dialect != "duckdb" else TEXT
    return DOUBLE if name == "DOUBLE" else 0


def _whole_digits(kind: exp.DataType) -> int:
    """Return how many digits a decimal has before the point; 0 where it doesn't say."""
    sizes = [str(part.this.this) for part in kind.expressions if isinstance(part.this, exp.Literal)]
    if len(sizes) != 2 or not all(size.isdigit() for size in sizes):
        return 0
    return int(sizes[0]) - int(sizes[1])


@functools.lru_cache(maxsize=4096)
def of_type_name(name: str, dialect: str) -> int:
    """Return what is certain of a column of a type, as a catalog or YAML writes it."""
    try:
        return of_type(exp.DataType.build(name, dialect=dialect or None), dialect) if name else 0
    except Exception:
        return 0


@functools.lru_cache(maxsize=4096)
def type_key(name: str, dialect: str) -> str:
    """Return a type as one spelling of all that mean it."""
    try:
        made = exp.DataType.build(name, dialect=dialect or None)
    except Exception:
        return name.lower()
    if of_type(made, dialect) & TEXT:
        return "text"
    return made.sql(dialect=dialect or None).lower()


def of_cast(node: exp.Cast, inner: int, dialect: str) -> int:
    """Return what is certain of a cast."""
    sure = type(node) is exp.Cast and dialect in _CASTS_OR_FAILS
    return of_type(node.to, dialect) | (inner & FILLED if sure else 0)


def is_idle_cast(node: exp.Cast, inner: int, dialect: str) -> bool:
    """Whether a cast leaves everything as it is: text to text, double to double."""
    target = of_type(node.to, dialect)
    if inner & TEXT and inner & DOUBLE:
        return False  # nothing but null, which takes any type
    return bool(target & inner & (TEXT | DOUBLE))


def of_first(inner: Sequence[int]) -> int:
    """Return what is certain of COALESCE: one that is never null will do."""
    kept = functools.reduce(lambda a, b: a & b, inner) & OF_TYPE
    return kept | (FILLED if any(one & FILLED for one in inner) else 0)


def of_any(inner: Sequence[int]) -> int:
    """Return what is certain of a value that is one of several: what is of all."""
    return functools.reduce(lambda a, b: a & b, inner)


def takes_first(first: int, others: Sequence[int]) -> bool:
    """Whether COALESCE of something never null is that thing, in type as well."""
    if not first & FILLED:
        return False
    if first & TEXT:
        return all(one & TEXT for one in others)
    if first & DOUBLE:
        return all(one & (DOUBLE | EXACT) for one in others)
    return bool(first & (INTEGER | WIDE)) and all(one & SMALL for one in others)


@functools.cache
def _rules(kind: Hashable) -> tuple[bool, bool, bool, bool, bool]:
    assert isinstance(kind, type)  # noqa: S101
    return (
        issubclass(kind, _KEEP_FILLED),
        issubclass(kind, _KEEP_EXACT),
        issubclass(kind, _KEEP_TYPE),
        issubclass(kind, _TEXTS),
        issubclass(kind, NUMBERS_OF_ROWS),
    )


def of_result(node: exp.Expr, inner: Sequence[int], dialect: str) -> int:
    """Return what is certain of an operation on values of which `inner` is certain."""
    kind = type(node)
    if is_list_of_first(node):
        return 0
    key: object = kind
    filled, exact, same, text, rows = _rules(key)
    if rows:
        return FILLED | EXACT | INTEGER | of_count(kind is not exp.Count)
    if kind is exp.Is:
        return FILLED
    if kind is exp.CountIf:  # null of no rows, on DuckDB
        return EXACT | INTEGER
    found = 0
    if inner:
        every = of_any(inner)
        found = (every & FILLED if filled else 0) | (every & OF_TYPE if same else 0)
        if exact:
            found |= (inner[0] if kind is exp.Round else every) & EXACT
        if kind is exp.Sum:
            found |= every & (INTEGER | DOUBLE | WIDE)
    if dialect == "duckdb":
        if text:
            found |= TEXT
        elif kind is exp.Avg or (kind is exp.Div and all(one & (EXACT | DOUBLE) for one in inner)):
            found |= DOUBLE  # of a float it is a float
    return found


def of_count(from_one: bool) -> int:
    """Return what is certain of a count: it is never negative, and a row's number never zero."""
    return FROM_ZERO | (FROM_ONE if from_one else 0)


def compared_apart(low: int, high: int) -> bool:
    """Whether BETWEEN is its two comparisons: of a number and a double it makes doubles first."""
    return not any(
        one & DOUBLE and other & EXACT and not other & DOUBLE
        for one, other in ((low, high), (high, low))
    )


def is_list_of_first(node: exp.Expr) -> bool:
    """Whether a minimum or maximum is asked for several values: ``max(x, 3)`` is a list."""
    several = node.args.get("count") or node.expressions
    return isinstance(node, exp.Min | exp.Max) and bool(several)


def null_of(node: exp.Expr) -> int:
    """Return how many of the things an operation is given make it null by being so."""
    kind: object = type(node)
    return _NULL_OF.get(kind, 0)


def in_any_order(node: exp.Expr, inner: int, dialect: str) -> bool:
    """Whether a sum or average of exact numbers gives one answer for any order of rows."""
    if not inner & EXACT:
        return False
    return isinstance(node, exp.Sum) or (isinstance(node, exp.Avg) and dialect in _AVERAGES_EXACTLY)
