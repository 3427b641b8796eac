"""What a change of type does, on each engine."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_tools.sql.types import Change, classify

CASES = [
    ("int4", "integer", "postgres", "none"),
    ("INT", "BIGINT", "duckdb", "widening"),
    ("integer", "bigint", "", "widening"),
    ("bigint", "integer", "", "narrowing"),
    ("decimal(18,2)", "decimal(18,0)", "", "lossy"),
    ("decimal(18,2)", "numeric(18, 2)", "", "none"),
    ("decimal(18,2)", "decimal(20,2)", "", "widening"),
    ("decimal(18,2)", "decimal(18,4)", "", "narrowing"),
    ("decimal(18,0)", "bigint", "", "widening"),
    ("decimal(19,0)", "bigint", "", "narrowing"),
    ("bigint", "decimal(18,0)", "", "narrowing"),
    ("integer", "decimal(18,2)", "", "widening"),
    ("integer", "double", "", "widening"),
    ("bigint", "double", "", "lossy"),
    ("double", "bigint", "", "lossy"),
    ("double", "real", "", "lossy"),
    ("varchar(100)", "varchar(50)", "", "narrowing"),
    ("varchar(50)", "character varying(100)", "postgres", "widening"),
    ("varchar(50)", "text", "postgres", "widening"),
    ("VARCHAR(50)", "VARCHAR", "duckdb", "none"),
    ("text", "varchar(100)", "redshift", "narrowing"),
    ("char(3)", "varchar(3)", "postgres", "unknown"),
    ("integer", "varchar", "", "incompatible"),
    ("varchar", "integer", "", "incompatible"),
    ("boolean", "integer", "", "incompatible"),
    ("date", "timestamp", "", "unknown"),
    ("date", "timestamp", "duckdb", "narrowing"),
    ("DATE", "TIMESTAMP_NTZ", "snowflake", "widening"),
    ("DATE", "DATETIME", "bigquery", "widening"),
    ("Date", "DateTime", "clickhouse", "narrowing"),
    ("Date", "DateTime64(3)", "clickhouse", "widening"),
    ("timestamp", "date", "", "lossy"),
    ("timestamp without time zone", "timestamp", "postgres", "none"),
    ("timestamp with time zone", "timestamptz", "postgres", "none"),
    ("timestamptz", "timestamp", "postgres", "lossy"),
    ("timestamp", "timestamptz", "postgres", "unknown"),
    ("TIMESTAMP_NTZ", "DATE", "snowflake", "lossy"),
    ("TIMESTAMP_NS", "TIMESTAMP_MS", "duckdb", "lossy"),
    ("NUMBER", "NUMBER(38,0)", "snowflake", "none"),
    ("INTEGER", "NUMBER(38,0)", "snowflake", "none"),
    ("TEXT", "VARCHAR(16777216)", "snowflake", "none"),
    ("FLOAT", "DOUBLE", "snowflake", "none"),
    ("FLOAT", "DOUBLE", "duckdb", "widening"),
    ("FLOAT", "DOUBLE", "", "unknown"),
    ("INT64", "NUMERIC", "bigquery", "widening"),
    ("INT64", "FLOAT64", "bigquery", "lossy"),
    ("Int32", "Int64", "clickhouse", "widening"),
    ("String", "Nullable(String)", "clickhouse", "widening"),
    ("Nullable(Int64)", "Int64", "clickhouse", "narrowing"),
    ("LowCardinality(String)", "String", "clickhouse", "none"),
    ("Boolean", "Bool", "clickhouse", "none"),
    ("UInt64", "Int64", "clickhouse", "narrowing"),
    ("UInt32", "Int64", "clickhouse", "widening"),
    ("INTEGER[]", "BIGINT[]", "duckdb", "widening"),
    ("VARIANT", "VARCHAR", "snowflake", "unknown"),
    ("VARIANT", "OBJECT", "snowflake", "unknown"),
    ("ARRAY", "array", "snowflake", "none"),
    ("STRUCT(a INTEGER)", "STRUCT(a BIGINT)", "duckdb", "widening"),
    ("STRUCT(a INTEGER)", 'STRUCT("a" INTEGER)', "duckdb", "none"),
    ("STRUCT(a INTEGER, b VARCHAR)", "STRUCT(a INTEGER)", "duckdb", "incompatible"),
    ("STRUCT(a INTEGER)", "STRUCT(a INTEGER, b VARCHAR)", "duckdb", "unknown"),
    ("STRUCT<a INT64, b ARRAY<STRING>>", "STRUCT<a INT64,b ARRAY<STRING>>", "bigquery", "none"),
    ("struct<a:int,b:array<int>>", "struct<a:bigint,b:array<bigint>>", "spark", "widening"),
    ("ROW(a integer)", "row(a varchar)", "trino", "incompatible"),
    ("MAP(VARCHAR, INTEGER)", "MAP(VARCHAR, BIGINT)", "duckdb", "widening"),
    ("MAP(VARCHAR, BIGINT)", "MAP(VARCHAR, INTEGER)", "duckdb", "narrowing"),
    ("ENUM('a', 'b')", "ENUM('a', 'b', 'c')", "duckdb", "widening"),
    ("ENUM('a', 'b')", "ENUM('b', 'a')", "duckdb", "unknown"),
    ("ENUM('a', 'b')", "ENUM('a')", "duckdb", "narrowing"),
    ("ENUM('a', 'B')", "VARCHAR", "duckdb", "widening"),
    ("VARCHAR", "ENUM('a')", "duckdb", "narrowing"),
    ("Enum8('a' = 1)", "Enum8('a' = 1, 'b' = 2)", "clickhouse", "widening"),
    ("Map(String, Int8)", "Map(String, Int16)", "clickhouse", "widening"),
    ("UInt8", "UInt256", "clickhouse", "widening"),
    ("geometry", "GEOMETRY", "", "none"),
    ("", "integer", "", "unknown"),
]


@pytest.mark.parametrize(("old", "new", "adapter", "change"), CASES)
def test_known_changes(old: str, new: str, adapter: str, change: str) -> None:
    assert classify(old, new, adapter) == change


@given(st.text(), st.text(), st.sampled_from(["", "duckdb", "clickhouse", "snowflake"]))
def test_whatever_the_text(old: str, new: str, adapter: str) -> None:
    assert classify(old, old, adapter) is Change.NONE
    assert isinstance(classify(old, new, adapter), Change)


# Values at the edge of each DuckDB type, as the type itself shows them.
EDGES = {
    "TINYINT": ["-128", "127"],
    "SMALLINT": ["-32768", "32767"],
    "INTEGER": ["-2147483648", "2147483647", "16777217"],
    "BIGINT": ["-9223372036854775808", "9223372036854775807", "9007199254740993"],
    "HUGEINT": ["-170141183460469231731687303715884105728", "99999999999999999999999999"],
    "UTINYINT": ["0", "255"],
    "USMALLINT": ["65535"],
    "UINTEGER": ["4294967295"],
    "UBIGINT": ["18446744073709551615"],
    "UHUGEINT": ["340282366920938463463374607431768211455"],
    "DECIMAL(4,1)": ["999.9", "-0.1"],
    "DECIMAL(9,0)": ["999999999", "-999999999"],
    "DECIMAL(18,2)": ["9999999999999999.99", "0.01"],
    "DECIMAL(18,0)": ["999999999999999999"],
    "DECIMAL(19,0)": ["9999999999999999999"],
    "DECIMAL(38,10)": ["9999999999999999999999999999.0000000001"],
    "DECIMAL(38,0)": ["99999999999999999999999999999999999999"],
    "DECIMAL": ["999999999999999.999"],
    "FLOAT": ["0.1", "3.4e38", "'nan'"],
    "DOUBLE": ["0.1", "1e300", "'-inf'"],
    "VARCHAR": ["'word'", "''", "'x' || repeat(' ', 300)"],
    "VARCHAR(3)": ["'longer than three'"],
    "BOOLEAN": ["true", "false"],
    "DATE": ["'2024-02-29'", "'5881580-07-10'", "'5877642-06-25 (BC)'", "'infinity'"],
    "TIMESTAMP": ["'2024-02-29 12:34:56.123456'", "'294247-01-10 04:00:54.775806'",
                  "'290309-12-22 (BC) 00:00:00'", "'2263-01-01'"],
    "TIMESTAMP_S": ["'2024-02-29 12:34:56'", "'294247-01-10 04:00:54'"],
    "TIMESTAMP_MS": ["'2024-02-29 12:34:56.123'", "'294247-01-10 04:00:54.775'"],
    "TIMESTAMP_NS": ["'2024-02-29 12:34:56.123456789'", "'2262-04-11 23:47:16.854775806'"],
    "TIMESTAMP WITH TIME ZONE": ["'2024-02-29 12:34:56.123456+02'"],
    "TIME": ["'12:34:56.123456'", "'23:59:59.999999'"],
    "UUID": ["'00000000-0000-0000-0000-000000000001'"],
    "BLOB": ["'\\xAA'"],
    "INTERVAL": ["'1 month 3 days'"],
    "ENUM('a', 'b')": ["'a'", "'b'"],
    "ENUM('a', 'b', 'c')": ["'c'"],
    "ENUM('b', 'a')": ["'a'"],
    "INTEGER[]": ["[2147483647, null]", "[]"],
    "BIGINT[]": ["[9223372036854775807]"],
    "VARCHAR[]": ["['x']"],
    "STRUCT(a INTEGER, b DATE)": ["{'a': 2147483647, 'b': '5881580-07-10'}"],
    "STRUCT(a BIGINT, b DATE)": ["{'a': 9223372036854775807, 'b': null}"],
    "STRUCT(a BIGINT, b TIMESTAMP)": ["{'a': 1, 'b': '2024-02-29 12:34:56.123456'}"],
    "STRUCT(b DATE, a INTEGER)": ["{'b': '2024-02-29', 'a': 1}"],
    "STRUCT(a INTEGER)": ["{'a': 1}"],
    "MAP(VARCHAR, INTEGER)": ["map {'x': 2147483647}"],
    "MAP(VARCHAR, BIGINT)": ["map {'x': 9223372036854775807}"],
}  # fmt: skip


@pytest.mark.parametrize("adapter", ["duckdb", ""])
def test_safe_on_duckdb_means_safe(adapter: str) -> None:
    """Cast edge values there and back: what is called safe must bring every one of them home.

    All of some 2,000 pairs, also as a catalog without a manifest tells them, where the adapter is
    not known.
    """
    connection = duckdb.connect()
    safe = 0
    for old, values in EDGES.items():
        for new in EDGES:
            if classify(old, new, adapter) not in (Change.NONE, Change.WIDENING):
                continue
            safe += 1
            for value in values:
                query = f"select v = v::{new}::{old} from (select ({value})::{old} as v)"
                assert connection.execute(query).fetchone() == (True,), (old, new, value)
    assert safe > 2 * len(EDGES)


def decimals() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, 38).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, p)))


@settings(max_examples=200, deadline=None)
@given(
    decimals(), decimals() | st.sampled_from(["TINYINT", "INTEGER", "BIGINT", "UBIGINT", "DOUBLE"])
)
def test_decimals_on_duckdb(old: tuple[int, int], new: tuple[int, int] | str) -> None:
    """The largest value of any decimal survives whatever is called safe for it, and back."""
    before = f"DECIMAL({old[0]},{old[1]})"
    after = new if isinstance(new, str) else f"DECIMAL({new[0]},{new[1]})"
    digits = "9" * old[0]
    largest = digits[: old[0] - old[1]] + "." + digits[old[0] - old[1] :]
    for first, second, value in ((before, after, f"'{largest}'"), (after, before, "'-128'")):
        if classify(first, second, "duckdb") not in (Change.NONE, Change.WIDENING):
            continue
        if value == "'-128'" and (
            first[0] == "U" or (isinstance(new, tuple) and new[0] - new[1] < 3)
        ):
            continue
        query = f"select v = v::{second}::{first} from (select {value}::{first} as v)"
        assert duckdb.connect().execute(query).fetchone() == (True,), (first, second)
