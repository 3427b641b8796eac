"""Conditions on a seed are worked out, and never call different data equal: executed on DuckDB."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt_common.clients.agate_helper import from_csv
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from analytics_tools.lineage.seeds import seed_relation, seed_types
from analytics_tools.sql import families
from analytics_tools.sql.reader import read
from analytics_tools.sql.relation import Relation
from benchmarks.truth.edits import EDITS, edited

WORDS = ("returned", "placed", "Returned", "lost", "", "null", " lost", "shipped", "n/a", "lost ")
QUERIES = (
    "select id as id, coalesce(w, 'unknown') as w from s where w <> 'returned'",
    "select count(*) as n from s where coalesce(w, 'lost') in ('lost', 'shipped')",
    "with t as (select id, k, coalesce(w, 'unknown') as w from s) select k as k, count(*) as n from t"
    " where not w = 'lost' group by k",
    "select k as k, max(case when w = 'placed' then id else 0 end) as x from s group by k",
    "select a.id as id, a.k as k from s as a left join s as b on a.id = b.k and b.w <> 'lost' where a.w = 'lost'"
    " or b.id is null",
    "select w as w, count(*) as n from s group by w having w <> 'lost'",
    "select k as k from s as o where exists (select 1 from s as i where i.id = o.k and i.w = 'placed' and o.w <> 'lost')",
    "select count(*) as n from s as a left join s as b on a.v = b.w",
    "select count(*) as n, count(b.id) as m from s as a left join (select distinct w, id from s) as b on a.w = b.w",
    "select id as id, w in ('lost', 'placed') as there, v <> 'unknown' or w = 'placed' as other from s",
)
# How a warehouse may take a cell: as it is, an empty one as null, without blanks, words for null.
READINGS = (
    lambda cell: cell,
    lambda cell: cell or None,
    lambda cell: cell.strip() or None,
    lambda cell: None if cell.strip().lower() in ("", "null", "n/a") else cell.strip(),
)


def rows_of(rng: random.Random) -> list[list[str]]:
    body = [
        [str(n), str(rng.randrange(1, 5)), rng.choice(WORDS), rng.choice(("unknown", "lost", ""))]
        for n in range(1, 7)
    ]
    body[0][2] = body[0][3] = "returned"  # never anything but text
    return body


def mutated(rows: list[list[str]], rng: random.Random) -> list[list[str]]:
    found = [list(row) for row in rows]
    row = rng.choice(found[1:])
    row[rng.choice((2, 2, 3))] = rng.choice(WORDS)
    return found


def relation_of(rows: list[list[str]]) -> Relation:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["id", "k", "w", "v"], *rows])
    found = seed_relation("seed.x.s", out.getvalue(), {}, "duckdb")
    assert found is not None
    return found


def fingerprint(sql: str, rows: list[list[str]]) -> Any:
    seed = relation_of(rows)

    def table(_node: exp.Table) -> Relation:
        return seed

    relation = read(sql, "duckdb", table).relation
    return relation.rows.id, tuple((v.name, v.id) for v in relation.columns.values())


def contents(connection: Any, sql: str, rows: list[list[str]]) -> Any:
    """Return what a query yields for every way to read the seed; None when it fails."""
    found = []
    for reading in READINGS:
        connection.execute(
            "create or replace table s (id integer, k integer, w varchar, v varchar)"
        )
        body = [(int(a), int(b), reading(w), reading(v)) for a, b, w, v in rows]
        marks = ", ".join(["(?, ?, ?, ?)"] * len(body))
        flat = [cell for row in body for cell in row]
        connection.execute(f"insert into s values {marks}", flat)
        try:
            found.append(sorted(map(repr, connection.execute(sql).fetchall())))
        except duckdb.Error:
            return None
    return found


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    found = duckdb.connect()
    found.execute("set threads to 1")
    yield found
    found.close()


@pytest.mark.parametrize("sql", QUERIES)
def test_equal_ids_mean_equal_data(sql: str, connection: Any) -> None:
    rng = random.Random(sql)
    equal = 0
    for _ in range(12):
        start = rows_of(rng)
        known: dict[Any, Any] = {}
        for _ in range(12):
            one = sql
            if rng.random() < 0.4:
                one = edited(sql, EDITS[rng.choice(("change_constant", "change_list", "change_operator", "negate"))], rng) or sql  # fmt: skip
            rows = mutated(start, rng) if rng.random() < 0.8 else start
            made = contents(connection, one, rows)
            if made is None:
                continue
            key = fingerprint(one, rows)
            equal += key in known
            first = known.setdefault(key, (made, one, rows))
            assert first[0] == made, f"taken for equal: {first[1:]} and {one, rows}"
    assert equal > 10


def of(word: str, sql: str) -> Any:
    rows = [["1", "1", "returned", "a word"], ["2", "1", word, "a word"], ["3", "2", "", "a word"]]
    return fingerprint(sql, rows)


def test_what_no_condition_tells_apart_is_the_same() -> None:
    sql = "select id as id from s where coalesce(w, 'unknown') <> 'returned'"
    assert of("placed", sql) == of("Placed1", sql)
    assert of("placed", sql) != of("returned", sql)
    assert of("placed", sql) == of("placed", sql.replace("unknown", "UNKNOWN"))
    assert of("placed", sql) != of("placed", sql.replace("unknown", "returned"))


def test_what_a_reader_may_take_otherwise_is_not_worked_out() -> None:
    sql = "select id as id from s where w <> 'lost'"
    assert of("placed", sql) != of("lost ", sql)
    assert of("placed", sql) != of("n/a", sql)
    assert of("placed", sql) != of("null", sql)
    assert of("placed", sql.replace("'lost'", "''")) != of("shipped", sql.replace("'lost'", "''"))
    assert of("placed", sql) != of("pl\u00e9ced", sql)


@pytest.mark.parametrize(
    ("cells", "is_key"),
    [
        (["placed early", "returned"], True),
        (["placed early", ""], True),  # one null is unlike all else
        (["placed early", "", "n/a"], False),
        (["placed early", "returned", " returned"], False),
    ],
)
def test_text_that_is_a_key(cells: list[str], is_key: bool) -> None:
    text = "\n".join(["w,n", *(f'"{cell}",1' for cell in cells)])
    found = seed_relation("seed.x.s", text, {}, "duckdb")
    assert found is not None
    assert (frozenset({found.columns["w"].id}) in found.unique) is is_key


DBT = {
    "text": {"Text"}, "number": {"Integer", "Number"}, "time": {"Date", "DateTime", "ISODateTime"},
}  # fmt: skip


def test_what_a_seed_holds_has_the_type_of_its_cells() -> None:
    text = "id,name,code,at\n1,Charlotte,007,2024-01-01\n2,Wilhelmina,x1,2024-01-02\n"
    settings = {"column_types": {"code": "varchar(9)", "at": "date"}}
    found = seed_relation("seed.x.s", text, settings, "duckdb")
    assert found is not None
    assert {key: value.type for key, value in found.columns.items()} == {
        "id": families.SURE_NUMBER, "name": "text", "code": "text:TEXT", "at": "time:DATE",
    }  # fmt: skip


CELLS = st.sampled_from(
    ["", "null", "1", "-7", "007", "1.5", "1e5", ".5", "5.", "+3", "1,000", "$5", "5%", "DE", "n/a",
     "true", "False", "yes", "t", "2024-01-31", "2024-1-1", "2024-01-31 10:00:00", "31.01.2024",
     "2024-01-31T10:00:00", "2024-01-31T10:00:00Z", "10:00", "2024", "x1", "JAF-001", "E", "inf",
     "nan", "0x1F", " 5 ", " DE", "2024-W01", "P1D", "a b", "-"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@example(cells=["2024-01-31 10:00:00", "2024-01-31T10:00:00"])
@given(cells=st.lists(CELLS, min_size=1, max_size=4))
def test_dbt_takes_the_cells_for_that_as_well(tmp_path_factory: Any, cells: list[str]) -> None:
    file = tmp_path_factory.mktemp("seed") / "s.csv"
    file.write_text("w,n\n" + "\n".join(f'"{cell}",1' for cell in cells))
    kind = type(from_csv(str(file), ()).column_types[0]).__name__
    found = seed_relation("seed.x.s", file.read_text(), {}, "duckdb")
    told = families.family(found.columns["w"].type) if found else ""
    assert not told or kind in DBT[told]


@settings(max_examples=400, deadline=None)
@example(cells=["1.0", "2"])
@example(cells=["3000000000"])
@given(cells=st.lists(CELLS, min_size=1, max_size=3))
def test_duckdb_has_the_types_that_dbt_gives_a_seed(
    tmp_path_factory: Any, cells: list[str]
) -> None:
    file = tmp_path_factory.mktemp("seed") / "s.csv"
    file.write_text("w,n\n" + "\n".join(f'"{cell}",1' for cell in cells))
    table = from_csv(str(file), ())
    found = seed_types(file.read_text(), {})
    made = DuckDBAdapter.convert_agate_type(table, 0)
    declared = duckdb.sql(f"select null::{made}").types[0]
    assert found is None or found == {"w": str(declared), "n": "INTEGER"}


def test_settings_say_the_types_of_a_seed() -> None:
    text = "id,code\n1,\n2,007\n"
    assert seed_types(text, {"column_types": {"code": "varchar(9)"}}) == {
        "id": "INTEGER", "code": "varchar(9)",
    }  # fmt: skip
    assert seed_types("id,code\n1,\n2,\n", {}) is None
