"""What breaks when a column turns into another type, as DuckDB itself says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_tools.sql.declared import facts_of, family_of
from analytics_tools.sql.reader import read
from analytics_tools.sql.relation import How, Relation, Rows, Value
from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
TYPES = {
    "text": "VARCHAR", "whole": "INTEGER", "large": "BIGINT", "exact": "DECIMAL(10,2)",
    "real": "DOUBLE", "day": "DATE", "moment": "TIMESTAMP", "truth": "BOOLEAN",
}  # fmt: skip
OF = {"text": "varchar", "number": "integer", "day": "date", "truth": "boolean"}
READERS = [
    ("sum(x)", "number", "text", "computes with text"),
    ("sum(x)", "number", "day", "computes with a time"),
    ("sum(x)", "number", "truth", ""),
    ("avg(x)", "number", "truth", "computes with a truth value"),
    ("x + 1", "number", "text", "computes with text"),
    ("x - interval 1 day", "day", "text", "computes with text"),
    ("-x", "number", "text", "computes with text"),
    ("max(x)", "number", "text", ""),
    ("count(x)", "number", "text", ""),
    ("date_trunc('month', x)", "day", "text", "takes text for a time"),
    ("extract(year from x)", "day", "text", "takes text for a time"),
    ("date_diff('day', x, date '2026-02-01')", "day", "text", "takes text for a time"),
    ("strftime(x, '%Y')", "day", "number", "takes a number for a time"),
    ("lower(x)", "text", "number", "takes a number for text"),
    ("x like '2%'", "text", "day", "takes a time for text"),
    ("x || '!'", "text", "number", ""),
    ("x < 3", "number", "text", "compares a number with text"),
    ("x between 1 and 3", "number", "text", "compares a number with text"),
    ("x < '3'", "number", "text", ""),
    ("x >= date '2026-01-01'", "day", "number", "compares a number with a time"),
    ("coalesce(x, 0)", "number", "text", "takes a number or text"),
    ("coalesce(x, '')", "text", "number", ""),
    ("case when x is null then 0 else x end", "number", "day", "takes a number or a time"),
]


def project(type_: str, expression: str) -> ProjectFiles:
    """A model that reads a column of a type."""
    files = ProjectFiles()
    for uid, sql in {
        "stg": f'select cast(v as {type_}) as x from "db"."raw"."events"',
        "mart": f'select {expression} as y from "db"."main"."stg"',
    }.items():
        files.model(uid, *(["model.shop.stg"] * (uid == "mart")), compiled_code=sql, raw_code=sql)
    return files


@pytest.mark.parametrize(("expression", "before", "after", "why"), READERS)
def test_a_reader_breaks_where_duckdb_says_so(
    ask: Ask, tmp_path: Path, expression: str, before: str, after: str, why: str
) -> None:
    for kind, works in ((before, True), (after, not why)):
        query = f"explain select {expression} from (select cast(null as {OF[kind]}) as x)"
        if works:
            duckdb.sql(query)
        else:
            with pytest.raises(duckdb.BinderException):
                duckdb.sql(query)
    base, head = (project(OF[kind], expression).write(tmp_path / kind) for kind in (before, after))
    breaks = ask("changes", "--base", base, "--head", head)["breaks"]
    assert {one["certain"] for one in breaks} == ({True} if why else set())
    assert all(one["reason"].startswith(f"{why}: ") for one in breaks)


CALLS = [
    "date_trunc('month', {})", "extract(year from {})", "date_diff('day', {}, {})", "month({})",
    "strftime({}, '%Y')", "{} + interval 1 day", "last_day({})", "-{}", "{} * {}", "{} / {}",
    "{} + {}", "{} - {}", "round({})", "abs({})", "sqrt({})", "lower({})", "trim({})",
    "length({})", "replace({}, 'a', 'b')", "substring({}, 1, 2)", "{} like 'a%'", "{} || {}",
    "coalesce({}, {})", "nullif({}, {})", "case when {} is null then {} else {} end",
    "case {} when {} then {} end", "{} < {}", "{} = {}", "{} in ({}, {})",
    "{} between {} and {}", "{} and {}", "not {}", "cast({} as varchar)", "cast({} as date)",
    "greatest({}, {})", "if({} is null, {}, {})", "left({}, 2)", "upper({})",
]  # fmt: skip
LEAVES = st.sampled_from([*TYPES, "1", "1.5", "'x'", "date '2026-01-01'", "true"])


def called(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    filled = st.tuples(st.sampled_from(CALLS), st.lists(inner, min_size=3, max_size=3))
    return filled.map(lambda one: f"({one[0].format(*one[1])})")


@pytest.fixture(scope="module")
def table() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    columns = ", ".join(f"{name} {type_}" for name, type_ in TYPES.items())
    connection.execute(f"create table t ({columns})")
    return connection


@settings(max_examples=300, deadline=None)
@given(expression=called(st.recursive(LEAVES, called, max_leaves=4)))
def test_what_surely_clashes_does_not_run(
    table: duckdb.DuckDBPyConnection, expression: str
) -> None:
    columns = {
        name: Value(name, name, {("t", name): How.COPIED}, family_of(type_, "duckdb"),
                    facts=facts_of(type_, "duckdb"))
        for name, type_ in TYPES.items()
    }  # fmt: skip
    relation = Relation(columns, Rows("t"), Rows("t"), reads=frozenset({"t"}))
    statement = read(f"select {expression} as y from t", "duckdb", lambda _: relation)
    if any(clash.kind != "compare" for clash in statement.clashes):
        with pytest.raises(duckdb.Error):
            table.execute(f"explain select {expression} as y from t")
