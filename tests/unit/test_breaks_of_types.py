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
ROWS = [
    ("x = 3", "number", "day", "compares a number with a time"),
    ("cast(x as double)", "number", "day", "casts a time to a number"),
    ("cast(x as date)", "text", "number", "casts a number to a time"),
    ("try_cast(x as double)", "number", "text", ""),
    ("x in ('open', 'paid')", "text", "day", "takes a text for a time that is none"),
    ("x = 'open'", "text", "number", "takes a text for a number that is none"),
    ("x = '3'", "text", "number", ""),
    ("x < '2026-01-31'", "text", "day", ""),
    ("x < '2026-01-31x'", "text", "day", "takes a text for a time that is none"),
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


@pytest.mark.parametrize(("expression", "before", "after", "why"), ROWS)
def test_a_reader_breaks_once_there_are_rows(
    ask: Ask, tmp_path: Path, expression: str, before: str, after: str, why: str
) -> None:
    value = {"text": "'2026-01-01'", "number": "5", "day": "'2026-01-01'"}
    query = f"select {expression} from (select {value[after]}::{OF[after]} as x) where random() < 2"
    if why:
        with pytest.raises(duckdb.ConversionException):
            duckdb.sql(query).fetchall()
    else:
        duckdb.sql(query).fetchall()
    base, head = (project(OF[kind], expression).write(tmp_path / kind) for kind in (before, after))
    breaks = ask("changes", "--base", base, "--head", head)["breaks"]
    assert {one["certain"] for one in breaks} == ({True} if why else set())
    assert all(one["reason"].startswith(f"{why}: ") for one in breaks)


def test_a_union_of_times_and_numbers(ask: Ask, tmp_path: Path) -> None:
    sides = []
    for kind in ("number", "text", "day"):
        files = project(OF[kind], "x")
        sql = files.manifest["nodes"]["model.shop.mart"]["compiled_code"] + " union all select 5"
        files.manifest["nodes"]["model.shop.mart"].update(compiled_code=sql, raw_code=sql)
        sides.append(files.write(tmp_path / kind))
    assert ask("changes", "--base", sides[0], "--head", sides[1])["breaks"] == []
    [one] = ask("changes", "--base", sides[0], "--head", sides[2])["breaks"]
    assert one["reason"] == "puts a number and a time in one column: y"


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
ONCE_THERE_ARE_ROWS = ("compare", "cast", "literal", "union")
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
    if any(clash.kind not in ONCE_THERE_ARE_ROWS for clash in statement.clashes):
        with pytest.raises(duckdb.Error):
            table.execute(f"explain select {expression} as y from t")


COMPUTED = [
    ("hour(m)", "y like '1%'"),
    ("m + interval 1 day", "lower(y)"),
    ("current_date", "y * 2"),
    ("epoch(m)", "date_trunc('day', y)"),
    ("case when w > 1 then 'many' else 'few' end", "sum(y)"),
    ("avg(w)", "trim(y)"),
    ("greatest(w, 0)", "lower(y)"),
    ("w - 1", "coalesce(y, current_date)"),
    ("strptime(t, '%Y')", "y * 2"),
]


@pytest.mark.parametrize(("made", "reader"), COMPUTED)
def test_what_a_function_returns_has_a_type(
    ask: Ask, tmp_path: Path, made: str, reader: str
) -> None:
    source = "(select cast(null as timestamp) as m, cast(null as integer) as w, cast(null as varchar) as t)"
    with pytest.raises(duckdb.BinderException):
        duckdb.sql(f"explain select {reader} from (select {made} as y from {source})")
    sides = []
    for name, expression in (("a", "v"), ("b", made)):
        files = ProjectFiles()
        sql = {
            "src": "select cast(a as timestamp) as m, cast(b as integer) as w,"
            ' cast(c as varchar) as t, v from "db"."raw"."events"',
            "stg": f'select {expression} as y from "db"."main"."src"',
            "mart": f'select {reader} as z from "db"."main"."stg"',
        }
        above = {"src": (), "stg": ("model.shop.src",), "mart": ("model.shop.stg",)}
        for model, text in sql.items():
            files.model(model, *above[model], compiled_code=text, raw_code=text)
        sides.append(files.write(tmp_path / name))
    breaks = ask("changes", "--base", sides[0], "--head", sides[1])["breaks"]
    assert [one["unique_id"] for one in breaks if one["certain"]] == ["model.shop.mart"]
