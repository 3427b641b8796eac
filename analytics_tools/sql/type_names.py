"""From the name of a data type to what it means on the adapter at hand.

Each engine spells its types in its own way, and the same name may mean different things: `float` is
4 bytes on DuckDB and 8 on Snowflake. What isn't known for certain becomes the family ``other``.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Type(NamedTuple):
    """A type, taken apart.

    `family` is int, uint, decimal, float, text, char, bool, date, timestamp, timestamptz, time,
    bytes, uuid, json, variant, object, interval, enum, array, map, struct or other. `size` is bits
    for int, uint and float, digits before the point for decimal, characters for text and char, the
    last year for dates and timestamps (None: not known). `scale` is digits after the point for
    decimal, of the second for times. `inner` holds the types inside of an array, map or struct,
    `names` the fields of a struct or the values of an enum.
    """

    family: str
    size: int | None = None
    scale: int | None = None
    nullable: bool = False
    inner: tuple[Type, ...] = ()
    names: tuple[str, ...] = ()
    text: str = ""


INTS = {
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
    "boolean": "bool", "bool": "bool", "uuid": "uuid", "guid": "uuid", "json": "json",
    "jsonb": "json", "interval": "interval", "bytea": "bytes", "blob": "bytes", "bytes": "bytes",
    "binary": "bytes", "varbinary": "bytes", "binary varying": "bytes", "variant": "variant",
    "super": "variant", "object": "object",
}  # fmt: skip
_ZONED = {
    "timestamptz", "timestamp with time zone", "timestamp_tz", "timestamp_ltz",
    "timestamp with local time zone",
}  # fmt: skip
_UNZONED = {
    "timestamp", "timestamp without time zone", "datetime", "timestamp_ntz", "datetime64",
    "datetime2",
}  # fmt: skip
# DuckDB names the precision in the type.
_NAMED_PRECISION = {"timestamp_s": 0, "timestamp_ms": 3, "timestamp_us": 6, "timestamp_ns": 9}
# Nanoseconds in 64 bits end in the year 2262, while coarser timestamps go on for ages.
_NANOSECOND_YEARS = 2262
# The last year of dates, and of timestamps, by adapter.
_LAST_YEARS = {
    "duckdb": (5_881_580, 294_247), "postgres": (5_874_897, 294_276),
    "redshift": (5_874_897, 294_276), "snowflake": (9999, 9999), "bigquery": (9999, 9999),
    "spark": (9999, 9999), "databricks": (9999, 9999),
}  # fmt: skip
_NAME = re.compile(
    r"^([a-z_][\w ]*?)\s*(?:\((.*)\))?(\s+with(?:out)? (?:local )?time zone)?$", re.S
)
_NESTED = re.compile(r"^(array|list|map|struct|row|tuple|enum)\s*([(<])(.*)[)>]$", re.S)
_DEEPEST = 20
_CLICKHOUSE_WRAPPED = re.compile(r"^(Nullable|LowCardinality|Array|Map|Tuple)\((.*)\)$", re.S)
_CLICKHOUSE_DATES = {"Date": ("date", 2149), "Date32": ("date", 2299)}
_CLICKHOUSE_SAME = {"String": "text", "UUID": "uuid", "JSON": "json"}


def parse(text: str, adapter: str = "", depth: int = 0) -> Type:
    """Take a type name apart as `adapter` means it; family ``other`` when it isn't known."""
    name = spelling(text)
    other = Type("other", text=name)
    if depth > _DEEPEST or len(text) > 20_000:
        return other
    if adapter == "clickhouse":
        return _clickhouse(text.strip(), depth) or other
    if name.endswith("[]"):
        return _array(parse(text.strip()[:-2], adapter, depth + 1))
    nested = _nested(text.strip(), adapter, depth)
    if nested is not None:
        return nested
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


def spelling(text: str) -> str:
    """Return a type name in lower case and with single blanks; values of an enum stay as is."""
    text = " ".join(text.split())
    return text if "'" in text else text.lower()


def _array(inner: Type) -> Type:
    return Type("array", inner=(inner,))


def _nested(text: str, adapter: str, depth: int) -> Type | None:
    """Read ``STRUCT(a INTEGER)``, ``array<int64>``, ``map(varchar, int)``, ``enum('a', 'b')``."""
    match = _NESTED.match(text.lower())
    if match is None:
        return None
    kind, parts = match.group(1), _split(text[match.start(3) : match.end(3)])
    if kind == "enum":
        values = tuple(part[1:-1].replace("''", "'") for part in parts if _is_quoted(part))
        return Type("enum", names=values) if len(values) == len(parts) > 0 else None
    if kind in ("struct", "row", "tuple"):
        return _struct(parts, adapter, depth)
    inner = tuple(parse(part, adapter, depth + 1) for part in parts)
    if len(inner) != (2 if kind == "map" else 1):
        return None
    return Type("map" if kind == "map" else "array", inner=inner)


def _struct(parts: list[str], adapter: str, depth: int) -> Type | None:
    """Read the fields of a struct: a name and a type each, with a blank or a colon between."""
    fields = [re.match(r'^("[^"]+"|`[^`]+`|[\w$]+)\s*[: ]\s*(.+)$', part, re.S) for part in parts]
    found = [field for field in fields if field]
    if not found or len(found) < len(fields):
        return None
    return Type(
        "struct",
        names=tuple(field.group(1).strip('"`').lower() for field in found),
        inner=tuple(parse(field.group(2), adapter, depth + 1) for field in found),
    )


def _is_quoted(part: str) -> bool:
    return len(part) >= 2 and part[0] == part[-1] == "'"


def _split(text: str) -> list[str]:
    """Split at commas that stand outside of brackets and quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "(<[":
            depth += 1
        elif letter in ")>]":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def _numbers(arguments: str | None) -> tuple[int, ...] | None:
    """Return the numeric arguments of a type, or None when there are others."""
    if not arguments:
        return ()
    parts = [part.strip() for part in arguments.split(",")]
    # No engine has a limit of ten digits.
    if not all(p.isascii() and p.isdigit() and len(p) < 11 for p in parts):
        return None
    return tuple(map(int, parts))


def _number(base: str, arguments: tuple[int, ...], adapter: str) -> Type | None:
    if adapter == "snowflake" and base in INTS:
        return Type("decimal", 38, 0)
    if adapter == "bigquery" and (base in INTS or base == "int64"):
        return Type("int", 64)
    if base in INTS and (adapter or base != "int8"):
        return Type("int", INTS[base])
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
    dates, moments = _LAST_YEARS.get(adapter, (None, None))
    if base == "date" and not arguments:
        return Type("date", dates)
    if base in _NAMED_PRECISION and adapter in ("", "duckdb"):
        scale = _NAMED_PRECISION[base]
        return Type("timestamp", _NANOSECOND_YEARS if scale == 9 else moments, scale)
    implied = {"snowflake": 9, "trino": 3}.get(adapter, 6)
    scale = arguments[0] if arguments else implied
    if adapter in ("bigquery", "databricks", "spark") and base == "timestamp":
        return Type("timestamptz", moments, scale)
    if base in _ZONED:
        return Type("timestamptz", moments, scale)
    if base in _UNZONED:
        return Type("timestamp", moments, scale)
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
    if base == "array" and adapter == "snowflake":
        return _array(Type("variant"))
    return Type(family) if family and not arguments else None


def _clickhouse(name: str, depth: int) -> Type | None:
    """ClickHouse's types, whose names tell case and width: Int64, Nullable(String)."""
    wrapped = _CLICKHOUSE_WRAPPED.match(name)
    if wrapped:
        return _clickhouse_wrapped(wrapped.group(1), wrapped.group(2), depth)
    enum = re.match(r"^Enum(?:8|16)?\((.*)\)$", name, re.S)
    if enum:  # 'a' = 1: the number is how it is stored
        values = [re.match(r"^'(.*)'\s*(?:=\s*-?\d+)?$", p, re.S) for p in _split(enum.group(1))]
        return Type("enum", names=tuple(v.group(1) for v in values if v)) if all(values) else None
    number = re.match(r"^(U?Int|Float)(\d{1,3})$", name)
    if number:
        family = {"Int": "int", "UInt": "uint", "Float": "float"}[number.group(1)]
        return Type(family, int(number.group(2)))
    decimal = re.match(r"^Decimal\((\d{1,3}),\s*(\d{1,3})\)$", name)
    if decimal:
        digits, scale = int(decimal.group(1)), int(decimal.group(2))
        return Type("decimal", digits - scale, scale)
    moment = re.match(r"^DateTime(?:(64)\((\d)(?:,.*)?\)|\(.*\))?$", name)
    if moment:
        scale = int(moment.group(2) or 0)
        last = 2106 if not moment.group(1) else _NANOSECOND_YEARS if scale == 9 else 2299
        return Type("timestamp", last, scale)
    if name in _CLICKHOUSE_DATES:
        return Type(*_CLICKHOUSE_DATES[name])
    if name.lower() in ("bool", "boolean"):  # of the few names whose case doesn't matter
        return Type("bool")
    return Type(_CLICKHOUSE_SAME[name]) if name in _CLICKHOUSE_SAME else None


def _clickhouse_wrapped(kind: str, arguments: str, depth: int) -> Type | None:
    if kind == "Tuple":
        return _struct(_split(arguments), "clickhouse", depth)
    inner = tuple(parse(part, "clickhouse", depth + 1) for part in _split(arguments))
    if len(inner) != (2 if kind == "Map" else 1):
        return None
    if kind in ("Array", "Map"):
        return Type(kind.lower(), inner=inner)
    return inner[0]._replace(nullable=True) if kind == "Nullable" else inner[0]
