"""Which of two rows comes first is nobody's business where they differ in what nobody asks for."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from sqlglot import exp

from analytics_tools.sql.reader import read
from analytics_tools.sql.relation import How, Relation, Rows, Value, h

COLUMNS = ("k", "x", "more")
ROWS = "values (1, 10, 'a'), (1, 10, 'g'), (2, 5, 'c'), (3, null, 'd'), (3, null, 'e'), (3, 7, 'f')"
# The first row of each k; of rows alike in k and x any may be the first.
FIRST = (
    "with n as (select *, row_number() over (partition by k order by x) as place from t), "
    "f as (select * from n where place = 1) "
)
UNASKED = [
    "select k, x from f",
    "select * from (select k, x, place from f)",
    "select k, count(*) as n from f group by k",
    "select f.k, c.x from f join (select distinct k, x from t) as c using (k)",
    "select k, x from f union all select k, place from f",
    "select k, max(x) as x from (select * from f order by x) group by k",
    "select k, x from f where k in (select k from f)",
]
# Each of these shows `more`, or goes by it.
ASKED = [
    "select * from f",
    "select k, more from f",
    "select k, MORE as n from f",
    "select * exclude (x) from f",
    "select * replace (k + 1 as k) from f",
    "select n.k from n join (select 'a' as more) using (more) where place = 1",
    "select n.k from n natural join (select 'a' as more) where place = 1",
    "select count(*) as n from (select distinct * exclude (k, place) from n where place = 1 and k < 3"
    " union select 10, 'a')",
    "select k from f where 'a' in (select * from (select * exclude (k, x, place) from f))",
    "select k, f.more from f",
    "select k, to_json(f)::varchar as n from f",
    "select k, hash(f) as n from f",
    "select k, c from f as g(k, x, c)",
    "with g(k, x, c, place) as (select * from f) select k, c from g",
    "select k, v from f unpivot (v for name in (more))",
    "select k, v from f unpivot (v for name in (columns('mo.*')))",
    "select columns('mor.') from f",
    "select k, x, y from (select k, x, 'y' as y, 1 as n from t where k > 9 union all select * from f)",
    "select count(*) as n from (select * from f order by 3 limit 2) as g where k = 1",
    "select k from f where 'a' = any (select m from (select * from f) as g(k, x, m, p))",
    "select count(distinct f) as n from (select * exclude (place) from n where place = 1"
    " union all select 1, 10, 'a') as f",
    "from f",
    # DuckDB's names for what is there twice, and by place; what is read beside a copy of a part.
    "select more_1 as m from (select * from t as c join f using (k)) as j",
    "select k, #3 as m from f",
    "select f.k, f.more as m from (select u as k from unnest([(select count(*) from n where place = 1)]) as q(u)) as z"
    " join f on z.k >= f.k",
    # 0.0 and -0.0 are equal.
    "select x, place from (select *, row_number() over (order by x) as place from"
    " (select cast(case more when 'a' then '0.0' else '-0.0' end as double) as x from t where x = 10))",
]  # fmt: skip


def table(seq: str) -> Any:
    """Return what `t` is, with its rows in one order."""
    columns = {
        name: Value(h("leaf", name), name, {("t", name): How.COPIED}, type="text:TEXT")
        for name in COLUMNS
    }

    def found(_: exp.Table) -> Relation:
        return Relation(columns, Rows("rows"), Rows(seq), reads=frozenset({"t"}))

    return found


def ids(sql: str, seq: str) -> Any:
    """Return by what the result of a query is known."""
    relation = read(sql, "duckdb", table(seq)).relation
    return relation.rows.id, [(v.name, v.id) for v in relation.columns.values()], relation.open


def content(sql: str, order: str) -> Any:
    """Return the rows of a query, sorted, where `t` has its rows in an order."""
    connection = duckdb.connect()
    connection.execute("set threads to 1")
    connection.execute(f"create table t as select * from ({ROWS}) as t(k, x, more) {order}")
    return sorted(map(repr, connection.execute(sql).fetchall()))


@pytest.mark.parametrize("sql", UNASKED)
def test_nobody_asks_which_is_first(sql: str) -> None:
    assert content(FIRST + sql, "order by more") == content(FIRST + sql, "order by more desc")
    assert ids(FIRST + sql, "one") == ids(FIRST + sql, "other")


@pytest.mark.parametrize("sql", ASKED)
def test_somebody_sees_which_is_first(sql: str) -> None:
    sql = sql.replace("with ", f"{FIRST}, ") if sql.startswith("with ") else FIRST + sql
    assert content(sql, "order by more") != content(sql, "order by more desc")
    assert ids(sql, "one") != ids(sql, "other")
