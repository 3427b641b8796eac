"""Of the first row of each partition, what breaks ties decides only what comes after it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from msgspec.structs import replace

from analytics_tools.sql.reader import read
from analytics_tools.sql.relation import Rows
from tests.unit.test_sql_soundness import (
    SETUP,
    TABLES,
    check,
    content,
    fingerprint,
    table,
    warehouse,
)

__all__ = ["warehouse"]

FIRST = """
with n as (select *, row_number() over (partition by k order by {order}) as place from a {where})
select k as k, id as id, x as x, s as s, d as d from n where place = 1 {also}
"""
QUALIFIED = """
select k as k, id as id, x as x, s as s, d as d from a {where}
qualify row_number() over (partition by k order by {order}) = 1
"""


def asked(order: str, where: str = "", also: str = "", sql: str = FIRST) -> str:
    return sql.format(order=order, where=where, also=also)


@pytest.mark.parametrize("sql", [FIRST, QUALIFIED])
@pytest.mark.parametrize(
    ("order", "other", "same"),
    [
        ("x desc, s, id", "x desc, s, id desc", "kxs"),
        ("x desc, s, id", "x desc, id, s", "kx"),
        ("x desc, s, id", "x, s, id", "k"),
        ("x, s", "x, s nulls first", "kx"),
        # Of rows that are alike in `x` either may be the first: which one hangs on the rest.
        ("x, lower(s), id", "x, s, id", "kx"),
    ],
)
def test_ties_decide_what_comes_after_them(sql: str, order: str, other: str, same: str) -> None:
    one, two = fingerprint(asked(order, sql=sql)), fingerprint(asked(other, sql=sql))
    assert one is not None
    assert two is not None
    assert one[0] == two[0]  # as many rows, one for each k
    assert {name for name, made in one[1].items() if two[1][name] == made} == set(same)


def test_what_is_asked_of_the_first_row_is_asked_afterwards() -> None:
    one = fingerprint(asked("x desc, s, id", also="and x > 1"))
    two = fingerprint(asked("x desc, s, id", where="where x > 1"))
    other = fingerprint(asked("x desc, id", also="and x > 1"))
    assert one is not None
    assert two is not None
    assert other is not None
    assert one[0] != two[0]
    assert one[0] == other[0]


NUMBERED = "(select *, row_number() over (partition by k order by {order}) as n from a)"


@pytest.mark.parametrize(
    ("sql", "words", "others"),
    [
        # An alias means what it is made of afterwards.
        (f"select k as k, x + 1 as y from {NUMBERED.format(order='x, id')} where n = 1 and y > 5", "x, id", "x desc, id"),
        (f"select k as k, x as y, y + 1 as w from {NUMBERED.format(order='x, id')} where n = 1 and w > 5", "x, id", "x desc, id"),
        # A number may have an order of its own.
        ("select k as k, x as x from (select *, row_number(order by id) over (partition by k order by x) as n from a)"
         " where n = 1", "order by id", "order by id desc"),
        # Equal is not alike: 0.0 and -0.0, a month and thirty days, p and P.
        *[(f"select p::varchar as p from (select *, row_number() over (partition by k order by p, id) as n from (select 1 as k, id,"
           f" {value} as p from (values (1, '0.0', '1 month'), (2, '-0.0', '30 days')) as v(id, z, i))) where n = 1",
           "p, id", "p, id desc")
          for value in ("cast(z as float)", "cast(z as double) * 1.0::double", "round(cast(z as double), 2)", "cast(i as interval)::interval")],
        ("select p as p from (select *, row_number() over (partition by p order by id) as n from"
         " (select s collate nocase as p, id, x from a where s in ('p', 'P'))) where n = 1", "order by id", "order by x"),
        # What a function makes of the numbers that it is ordered by.
        ("select id as id, fill(y) over (order by case when id = 1 then 0 when id = 2 then 10 when id = 3 then 50 else 60 end) as y"
         " from (select distinct on (id) * from b order by id, y)", "then 10", "then 40"),
        # What stands beside QUALIFY.
        ("select k as k from (select k, id from a qualify row_number() over (partition by k order by id) = 1)"
         " order by count(*) over (partition by k), k limit 1", "(select k, id from a qualify row_number() over (partition by k order by id) = 1)",
         "a qualify row_number() over (partition by k order by id) = 1"),
        ("select k as k, u as u from (select *, unnest([1, 2]) as u from a) qualify row_number() over (partition by k order by id) = 1",
         "u as u from (select *, unnest([1, 2]) as u from a)", "unnest([1, 2]) as u from a"),
        # A column by its place.
        ("select #1 as m from (select k, x from a)", "k, x", "x, k"),
    ],
)  # fmt: skip
def test_other_data_have_other_ids(sql: str, words: str, others: str, warehouse: Any) -> None:
    assert words in sql
    other = sql.replace(words, others)
    one, two = content(warehouse, sql), content(warehouse, other)
    assert one != two
    check([sql, other], warehouse)


def test_columns_alike_keep_their_names() -> None:
    sql = "select *, x as y, row_number() over (partition by k order by x) as place from a"
    made = read(f"select * from ({sql}) where place = 1", "duckdb", table).relation
    assert [value.name for value in made.columns.values()] == [*TABLES["a"], "y", "place"]
    assert made.columns["x"].id == made.columns["y"].id


@pytest.mark.parametrize("seed", range(4))
def test_equal_ids_mean_equal_data(seed: int, warehouse: Any) -> None:
    check(list(texts(random.Random(seed), 250)), warehouse)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_equal_ids_mean_equal_data_at_length(seed: int, warehouse: Any) -> None:
    check(list(texts(random.Random(100 + seed), 1500)), warehouse)


def texts(rng: random.Random, number: int) -> Any:
    """Yield queries that are much alike, each with the first rows of some partitions."""
    values = ["id", "k", "x", "s", "d", "lower(s)", "coalesce(x, 0)"]
    partitions = ["k", "s", "k, s", "lower(s)"]
    conditions = ["x > 1", "k is not null", "s is not null", "k = 2"]
    for _ in range(number):
        picked = rng.sample(values, rng.randint(1, 4))
        order = ", ".join(f"{v}{rng.choice(['', ' desc', ' nulls first'])}" for v in picked)
        where = f"where {rng.choice(conditions)}" if rng.random() < 0.4 else ""
        window = f"row_number() over (partition by {rng.choice(partitions)} order by {order})"
        distinct = rng.choice(["", "", "distinct "])
        also = f"and {rng.choice(conditions)}" if rng.random() < 0.4 else ""
        shown = ", ".join(f"{v} as c{place}" for place, v in enumerate(rng.sample(values, 4)))
        inner = f"(select {distinct}* from a {where})"
        yield rng.choice(
            [
                f"select {shown} from (select *, {window} as n from {inner}) where n = 1 {also}",
                f"select {shown} from (select *, {window} as n from {inner}) where n < 2 {also}",
                f"select {shown} from {inner} qualify {window} = 1 {also}",
                f"with f as (select *, {window} as n from {inner}), g as (select * from f where n = 1)"
                f" select {shown} from g {also.replace('and', 'where')}",
                f"with f as (select *, {window} as n from {inner}), g as (select * from f where n = 1)"
                f" select s as s, count(*) as c, sum(x) as t, min(d) as m from g group by s",
                f"with f as (select *, {window} as n from {inner}), g as (select * from f where n = 1)"
                f" select g.k as k, g.x as x, b.y as y from b left join g on b.k = g.k",
                f"with f as (select *, {window} as n from {inner}), g as (select * from f where n = 1)"
                f" select *, row_number() over (partition by d order by x, s, id) as m from g",
            ]
        )


def test_many_queries_are_alike(warehouse: Any) -> None:
    """Enough of them have a column in common for the tests above to say something."""
    found: dict[Any, set[str]] = {}
    for text in texts(random.Random(0), 250):
        made = fingerprint(text)
        if made is None or content(warehouse, text) is None:
            continue
        for one in made[1].values():
            found.setdefault((made[0], one), set()).add(text)
    assert sum(len(group) > 1 for group in found.values()) > 40


@pytest.fixture(scope="module")
def turned() -> Iterator[Any]:
    """The warehouse, with the rows of `a` the other way round."""
    with duckdb.connect() as connection:
        connection.execute("set threads to 1")
        connection.execute(SETUP)
        connection.execute("create or replace table a as select * from a order by rowid desc")
        yield connection


@pytest.mark.parametrize("seed", range(4))
def test_ids_know_where_the_order_of_rows_counts(seed: int, warehouse: Any, turned: Any) -> None:
    in_order = 0
    for text in texts(random.Random(1000 + seed), 250):
        one, two = content(warehouse, text), content(turned, text)
        if one is None:
            continue
        relation, other = (
            read(text, "duckdb", lambda node, to=to: replace(table(node), seq=Rows(to))).relation
            for to in ("one", "other")
        )
        for name, value in relation.columns.items():
            place = [key.lower() for key, _ in one[0]].index(name)
            same = [sorted(row[place] for row in side[1]) for side in (one, two)]
            alike = (relation.rows.id, value.id) == (other.rows.id, other.columns[name].id)
            in_order += not alike
            assert same[0] == same[1] or not alike, f"{name} of\n{text}"
    assert in_order > 20
