"""What a change of type does, on each engine."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
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
    ("date", "timestamp", "", "widening"),
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
    ("UInt64", "Int64", "clickhouse", "narrowing"),
    ("UInt32", "Int64", "clickhouse", "widening"),
    ("INTEGER[]", "BIGINT[]", "duckdb", "widening"),
    ("VARIANT", "VARCHAR", "snowflake", "unknown"),
    ("STRUCT(a INTEGER)", "STRUCT(a BIGINT)", "duckdb", "unknown"),
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
    "UINTEGER": ["4294967295"],
    "UBIGINT": ["18446744073709551615"],
    "DECIMAL(4,1)": ["999.9", "-0.1"],
    "DECIMAL(18,2)": ["9999999999999999.99", "0.01"],
    "DECIMAL(18,0)": ["999999999999999999"],
    "DECIMAL(38,10)": ["9999999999999999999999999999.0000000001"],
    "DECIMAL": ["999999999999999.999"],
    "FLOAT": ["0.1", "3.4e38"],
    "DOUBLE": ["0.1", "1e300"],
    "VARCHAR": ["'word'", "''"],
    "BOOLEAN": ["true", "false"],
    "DATE": ["'2024-02-29'"],
    "TIMESTAMP": ["'2024-02-29 12:34:56.123456'"],
    "TIMESTAMP_S": ["'2024-02-29 12:34:56'"],
    "TIMESTAMP_MS": ["'2024-02-29 12:34:56.123'"],
    "TIMESTAMP_NS": ["'2024-02-29 12:34:56.123456789'"],
    "TIME": ["'12:34:56.123456'"],
}


def test_safe_on_duckdb_means_safe() -> None:
    """Cast edge values there and back: what is called safe must bring every one of them home."""
    connection = duckdb.connect()
    for old, values in EDGES.items():
        for new in EDGES:
            if classify(old, new, "duckdb") not in (Change.NONE, Change.WIDENING):
                continue
            for value in values:
                query = f"select v = v::{new}::{old} from (select ({value})::{old} as v)"
                assert connection.execute(query).fetchone() == (True,), (old, new, value)
