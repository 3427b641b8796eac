"""Data types of the warehouses dbt runs on: what a column may hold, and what a change of it does.

A type name means what the adapter at hand means by it: ``float`` is 4 bytes on DuckDB and 8 on
Snowflake. Where the adapter is not known, or the type isn't, the answer is `Change.UNKNOWN`, and
unknown is never called safe.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Change(enum.StrEnum):
    """What becomes of values, and of those who read them, when a type changes."""

    NONE = "none"  # another spelling of the same type
    WIDENING = "widening"  # every old value fits, unchanged
    NARROWING = "narrowing"  # some old values don't fit any more
    LOSSY = "lossy"  # values fit, but lose digits or time of day
    INCOMPATIBLE = "incompatible"  # a different kind of value: comparisons and joins break
    UNKNOWN = "unknown"


class Type(NamedTuple):
    """A type, taken apart.

    `family` is int, uint, decimal, float, text, char, bool, date, timestamp, timestamptz, time,
    bytes, uuid, json, interval, array or other. `size` is bits for int, uint and float, digits
    before the point for decimal, characters for text and char, the last year for timestamps (None:
    no limit). `scale` is digits after the point for decimal, of the second for times.
    """

    family: str
    size: int | None = None
    scale: int | None = None
    nullable: bool = False
    inner: Type | None = None
    text: str = ""


_INTS = {
    "tinyint": 8, "int1": 8, "byteint": 8, "byte": 8, "smallint": 16, "int2": 16, "short": 16,
    "mediumint": 24, "int": 32, "int4": 32, "integer": 32, "signed": 32, "bigint": 64, "int8": 64,
    "long": 64, "hugeint": 128, "int128": 128, "serial": 32, "bigserial": 64, "smallserial": 16,
}  # fmt: skip
_UINTS = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "uhugeint": 128}
_TEXTS = {
    "text", "string", "varchar", "character varying", "nvarchar", "bpchar", "char varying",
    "national character varying", "varchar2",
}  # fmt: skip
_SAME = {
    "boolean": "bool", "bool": "bool", "date": "date", "uuid": "uuid", "guid": "uuid",
    "json": "json", "jsonb": "json", "interval": "interval", "bytea": "bytes", "blob": "bytes",
    "bytes": "bytes", "binary": "bytes", "varbinary": "bytes", "binary varying": "bytes",
}  # fmt: skip
_ZONED = {
    "timestamptz", "timestamp with time zone", "timestamp_tz", "timestamp_ltz",
    "timestamp with local time zone", "timestamp without time zone with local time zone",
}  # fmt: skip
_UNZONED = {
    "timestamp", "timestamp without time zone", "datetime", "timestamp_ntz", "datetime64",
    "datetime2",
}  # fmt: skip
# DuckDB names the precision in the type.
_NAMED_PRECISION = {"timestamp_s": 0, "timestamp_ms": 3, "timestamp_us": 6, "timestamp_ns": 9}
# Nanoseconds in 64 bits end in the year 2262, while coarser timestamps go on for ages.
_NANOSECOND_YEARS = 2262
_DIGITS = {8: 3, 16: 5, 24: 8, 32: 10, 64: 19, 128: 39}
_NAME = re.compile(r"^([a-z_][\w ]*?)\s*(?:\((.*)\))?(\s+with(?:out)? (?:local )?time zone)?$")
# How many digits a float of that many bits keeps exactly.
_EXACT_BITS = {32: 24, 64: 53}


def classify(old: str, new: str, adapter: str = "") -> Change:
    """Say what changing a column's type from `old` to `new` does, on dbt adapter `adapter`."""
    if _spelling(old) == _spelling(new):
        return Change.NONE
    before, after = parse(old, adapter), parse(new, adapter)
    return compare(before, after)


def compare(old: Type, new: Type) -> Change:
    """Say what changing from one type to the other does. Same type, other spelling: NONE."""
    if "other" in (old.family, new.family):
        return Change.UNKNOWN
    result = _compare_values(old, new)
    if old.nullable and not new.nullable:
        return Change.NARROWING if result in (Change.NONE, Change.WIDENING) else result
    if new.nullable and not old.nullable and result is Change.NONE:
        return Change.WIDENING
    return result


def _compare_values(old: Type, new: Type) -> Change:
    if old.family == new.family == "array":
        return compare(old.inner, new.inner) if old.inner and new.inner else Change.UNKNOWN
    if old.family in _NUMERIC and new.family in _NUMERIC:
        return _compare_numbers(old, new)
    pair = (old.family, new.family)
    if pair in (("text", "text"), ("char", "char")):
        return _by_limit(old.size, new.size)
    if pair in (("timestamp", "timestamp"), ("timestamptz", "timestamptz"), ("time", "time")):
        result = _by_limit(old.scale, new.scale, Change.LOSSY)
        shorter = _by_limit(old.size, new.size) is Change.NARROWING
        return Change.NARROWING if shorter and result is not Change.LOSSY else result
    if old.family == new.family:
        return Change.NONE
    if pair == ("date", "timestamp"):
        return Change.NARROWING if new.size else Change.WIDENING
    if pair in (("timestamp", "date"), ("timestamptz", "date"), ("timestamptz", "timestamp")):
        return Change.LOSSY
    # A zone is guessed from the session; char pads with blanks; JSON may hold anything.
    if {*pair} in ({"timestamp", "timestamptz"}, {"char", "text"}) or "json" in pair:
        return Change.UNKNOWN
    return Change.INCOMPATIBLE


_NUMERIC = {"int", "uint", "decimal", "float"}


def _compare_numbers(old: Type, new: Type) -> Change:
    """Compare two numeric types by the values they hold."""
    if new.family == "float":
        if old.family == "float":
            return _by_limit(old.size, new.size, Change.LOSSY)
        bits = _EXACT_BITS.get(new.size or 0)
        if old.family == "decimal" or bits is None or old.size is None:
            return Change.LOSSY
        return Change.WIDENING if old.size <= bits else Change.LOSSY
    if old.family == "float":
        return Change.LOSSY
    if old.family == new.family and old.family in ("int", "uint"):
        return _by_limit(old.size, new.size)
    if new.family in ("int", "uint"):
        return _to_integer(old, new)
    before, after = _as_decimal(old), _as_decimal(new)
    if _by_limit(before.scale, after.scale) is Change.NARROWING:
        return Change.LOSSY
    digits = _by_limit(before.size, after.size)
    if digits is Change.NARROWING:
        return Change.NARROWING
    same = (before.size, before.scale) == (after.size, after.scale) and old.family == new.family
    return Change.NONE if same else Change.WIDENING


def _to_integer(old: Type, new: Type) -> Change:
    """From a decimal, or from an integer of the other signedness, to an integer."""
    if old.family == "decimal":
        if old.scale != 0:
            return Change.LOSSY
        fits = old.size is not None and new.family == "int" and old.size < _DIGITS[new.size or 64]
        return Change.WIDENING if fits else Change.NARROWING
    if old.family == "uint" and new.family == "int":
        return Change.WIDENING if (new.size or 0) > (old.size or 0) else Change.NARROWING
    return Change.NARROWING  # negative numbers have no place in an unsigned type


def _as_decimal(number: Type) -> Type:
    if number.family == "decimal":
        return number
    return Type("decimal", _DIGITS.get(number.size or 0), 0)


def _by_limit(old: int | None, new: int | None, worse: Change = Change.NARROWING) -> Change:
    """Compare two limits, where None is no limit at all."""
    if old == new:
        return Change.NONE
    if new is None:
        return Change.WIDENING
    if old is None:
        return worse
    return Change.WIDENING if new > old else worse


def parse(text: str, adapter: str = "") -> Type:
    """Take a type name apart as `adapter` means it; family ``other`` when it isn't known."""
    name = _spelling(text)
    other = Type("other", text=name)
    if adapter == "clickhouse":
        return _clickhouse(text) or other
    if name.endswith("[]"):
        return Type("array", inner=parse(name[:-2], adapter))
    if name.startswith("array<") and name.endswith(">"):
        return Type("array", inner=parse(name[6:-1], adapter))
    match = _NAME.match(name)
    if match is None:
        return other
    base, arguments = match.group(1) + (match.group(3) or ""), _numbers(match.group(2))
    if arguments is None:
        return other
    return (
        _number(base, arguments, adapter)
        or _time(base, arguments, adapter)
        or _text(base, arguments, adapter)
        or other
    )


def _spelling(text: str) -> str:
    return " ".join(text.strip().lower().split())


def _numbers(arguments: str | None) -> tuple[int, ...] | None:
    """Return the numeric arguments of a type, or None when there are others."""
    if not arguments:
        return ()
    parts = [part.strip() for part in arguments.split(",")]
    return tuple(map(int, parts)) if all(p.isascii() and p.isdigit() for p in parts) else None


def _number(base: str, arguments: tuple[int, ...], adapter: str) -> Type | None:
    if adapter == "snowflake" and base in _INTS:
        return Type("decimal", 38, 0)
    if adapter == "bigquery" and (base in _INTS or base == "int64"):
        return Type("int", 64)
    if base in _INTS and (adapter or base != "int8"):
        return Type("int", _INTS[base])
    if base in _UINTS:
        return Type("uint", _UINTS[base])
    if base == "int64":
        return Type("int", 64)
    if base in ("double", "double precision", "float8", "float64"):
        return Type("float", 64)
    if base in ("real", "float4"):
        return Type("float", 64 if adapter == "snowflake" else 32)
    if base == "float":
        return _float(arguments, adapter)
    if base in ("decimal", "numeric", "number", "dec", "bignumeric", "bigdecimal"):
        return _decimal(base, arguments, adapter)
    return None


def _float(arguments: tuple[int, ...], adapter: str) -> Type | None:
    """`float` is 4 bytes on some engines and 8 on others; unknown without knowing which."""
    if adapter in ("duckdb", "spark", "databricks"):
        return Type("float", 32)
    if adapter in ("snowflake", "postgres", "redshift", "bigquery"):
        return Type("float", 32 if arguments and arguments[0] <= 24 else 64)
    return None


def _decimal(base: str, arguments: tuple[int, ...], adapter: str) -> Type | None:
    if arguments:
        scale = arguments[1] if len(arguments) > 1 else 0
        return Type("decimal", arguments[0] - scale, scale)
    if adapter == "postgres":
        return Type("decimal", None, None)
    if adapter == "bigquery":
        return Type("decimal", 38, 38) if base.startswith("big") else Type("decimal", 29, 9)
    implied = {"duckdb": (15, 3), "snowflake": (38, 0), "redshift": (18, 0), "spark": (10, 0),
               "databricks": (10, 0)}.get(adapter)  # fmt: skip
    return Type("decimal", *implied) if implied else None


def _time(base: str, arguments: tuple[int, ...], adapter: str) -> Type | None:
    if base in _NAMED_PRECISION and adapter in ("", "duckdb"):
        scale = _NAMED_PRECISION[base]
        return Type("timestamp", _NANOSECOND_YEARS if scale == 9 else None, scale)
    implied = 9 if adapter == "snowflake" else 6
    scale = arguments[0] if arguments else implied
    if adapter in ("bigquery", "databricks", "spark") and base == "timestamp":
        return Type("timestamptz", scale=scale)
    if base in _ZONED:
        return Type("timestamptz", scale=scale)
    if base in _UNZONED:
        return Type("timestamp", scale=scale)
    if base in ("time", "time without time zone"):
        return Type("time", scale=scale)
    return None


def _text(base: str, arguments: tuple[int, ...], adapter: str) -> Type | None:
    if base in _TEXTS:
        size = arguments[0] if arguments else None
        if adapter == "redshift" and not arguments:
            size = 256
        if adapter == "duckdb" or (adapter == "snowflake" and size == 16_777_216):
            size = None  # the length is not kept
        return Type("text", size)
    if base in ("char", "character", "nchar"):
        if adapter == "duckdb":
            return Type("text")
        return Type("char", arguments[0] if arguments else 1)
    family = _SAME.get(base)
    return Type(family) if family and not arguments else None


def _clickhouse(text: str) -> Type | None:
    """ClickHouse's types, whose names tell case and width: Int64, Nullable(String)."""
    name = text.strip()
    wrapped = re.match(r"^(Nullable|LowCardinality|Array)\((.*)\)$", name)
    if wrapped:
        inner = _clickhouse(wrapped.group(2))
        if inner is None or wrapped.group(1) == "LowCardinality":
            return inner
        if wrapped.group(1) == "Array":
            return Type("array", inner=inner)
        return inner._replace(nullable=True)
    number = re.match(r"^(U?Int|Float)(\d+)$", name)
    if number:
        family = {"Int": "int", "UInt": "uint", "Float": "float"}[number.group(1)]
        return Type(family, int(number.group(2)))
    decimal = re.match(r"^Decimal\((\d+),\s*(\d+)\)$", name)
    if decimal:
        digits, scale = int(decimal.group(1)), int(decimal.group(2))
        return Type("decimal", digits - scale, scale)
    moment = re.match(r"^DateTime(?:64\((\d)(?:,.*)?\)|\(.*\))?$", name)
    if moment:
        return Type("timestamp", scale=int(moment.group(1) or 0))
    simple = {"String": "text", "Bool": "bool", "Date": "date", "UUID": "uuid", "JSON": "json"}
    return Type(simple[name]) if name in simple else None
