"""Fingerprints never call different data equal: generated edits, executed on DuckDB."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from analytics_tools.sql import facts
from analytics_tools.sql.dialect import UnreadableSqlError
from analytics_tools.sql.reader import read
from analytics_tools.sql.relation import How, Relation, Rows, Value, h, quoted
from benchmarks.truth.edits import EDITS, LOGIC, LOOKS, edited

TABLES = {
    "a": ("id", "k", "x", "s", "d"),
    "b": ("id", "k", "y", "t"),
    "c": ("k", "name"),
    "u": ("id", "k", "w"),
    "every": ("id", "k", "x", "s", "y", "b"),  # of test_sql_rewrites
}
# What is certain of a table whose content is known, as a seed's is.
CERTAIN = {("u", "id"): facts.FILLED | facts.EXACT | facts.INTEGER, ("u", "k"): facts.EXACT | facts.INTEGER,
           ("u", "w"): facts.FILLED | facts.TEXT}  # fmt: skip
KEYS = {"u": "id"}
NUMBER, WORD, DAY = "number:INT", "text:TEXT", "time:DATE"
TYPES = {
    "id": NUMBER,
    "k": NUMBER,
    "x": NUMBER,
    "s": WORD,
    "d": DAY,
    "t": WORD,
    "w": WORD,
    "name": WORD,
}
# Nulls, duplicates, boundary values, keys without a partner on either side.
SETUP = """
create table a as select * from (values
    (1, 1, 10, 'p', date '2024-01-01'), (2, 1, null, 'q', date '2024-01-31'),
    (3, 2, 0, null, date '2024-02-29'), (4, null, -5, 'P', null), (5, 3, 10, 'p', date '2024-01-01'),
    (5, 3, 10, 'p', date '2024-01-01'), (6, 9, 100, ' ', date '1999-12-31'), (7, 2, 3, 'qq', null),
    (8, 1, 2, '', date '2024-12-31'), (null, 2, 1, 'r', date '2024-06-15')
) t(id, k, x, s, d);
create table b as select * from (values
    (1, 1, 1.5, 'u'), (1, 2, 2.5, 'v'), (2, 1, null, 'u'), (3, 3, 0.0, null), (null, 2, 7.25, 'w'),
    (7, null, -1.5, 'P'), (9, 4, 100.0, 'p'), (2, 1, null, 'u')
) t(id, k, y, t);
create table c as select * from (values (1, 'one'), (2, 'two'), (3, null), (null, 'none')) t(k, name);
create table u as select * from (values (1, 2, 'p'), (2, 2, 'q'), (3, null, 'p'), (4, 9, ''), (5, 1, 'none'), (6, 1, 'w')) t(id, k, w);
"""
QUERIES = (
    "with src as (select * from a), f as (select id, k, x * 2 as x2, s from src where x > 1 and k is not null)"
    " select id, k, x2 as v, coalesce(s, 'none') as s from f",
    "with g as (select k, sum(x) as total, count(*) as n, min(d) as first_d from a group by k)"
    " select c.k as ck, c.name as nm, g.total as tot, coalesce(g.n, 0) as n from c left join g on c.k = g.k",
    "select a.id as aid, b.y as y, case when a.x > 5 then 'big' when a.x > 0 then 'small' else 'none' end as size"
    " from a join b on a.id = b.id where b.y <> 0 or a.s = 'p'",
    "select a.id as aid, b.id as bid, a.x as x, b.y as y from a full join b on a.id = b.id and a.k = b.k",
    "with u as (select id as i, k as kk, 'a' as src from a union all select id as i, k as kk, 'b' as src from b)"
    " select i as i, kk as kk, src as src, row_number() over (partition by kk order by i, src) as rn from u",
    "select distinct k as k, s as s from a where id in (select id from b where y > 0)",
    "select k as k, s as s, max(x) as mx, sum(x) as sx from a group by k, s having count(*) > 0",
    "select id as id, x as x, sum(x) over (partition by k order by id, x) as running, rank() over (order by k) as r"
    " from a qualify rank() over (order by k) < 6",
    "with r as (select a.*, b.y from a left join b using (id)), e as (select k as k from r where y is null except select k from c)"
    " select k as kk from e",
    "select a.k as k, count(distinct b.id) as n, avg(b.y) as m from a left join b on b.k = a.k group by a.k",
    "select id as id, (select max(y) from b where b.id = a.id) as my, exists (select 1 from c where c.k = a.k) as has from a",
    "select cast(id as varchar) as id, cast(x as double) as x, d as d from a where d between date '2024-01-01' and date '2024-12-31'",
    "select k as k, max(x) filter (where s = 'p') as px, string_agg(s, ',' order by s, id) as ss from a group by 1",
    "with one as (select k, count(*) as n from b group by k), two as (select k, sum(x) as sx from a group by k)"
    " select a.id as id, one.n as n, two.sx as sx from a left join one on a.k = one.k left join two on two.k = a.k where a.x is not null",
    "select a.id as aid, u.id as id, u.w as w, a.x as x from a left join u on a.k = u.id where a.x <> 1 and a.k is not null",
    "select k as k, count(distinct id) as n, count(k) as nk, sum(id) as s, coalesce(min(w), 'none') as m from u group by k",
    "select o.id as id, coalesce(p.n, 0) as n, p.k as pk from a as o full join (select k, count(*) as n from u where k is not null"
    " group by k) as p on o.k = p.k where o.s <> 'p'",
    "with v as (select id, k, x, false as held from a where k is not null), l as (select * from (select *, row_number() over"
    " (partition by k order by x desc nulls last, id, held desc) as n from v) as t where n = 1)"
    " select id as id, k as k, x as x from l where not held",
    "with r as (select cast(id as bigint) as i, nullif(lower(s), '') as s, x as x from a where id is not null), f as (select *,"
    " case when i is null then 'no id' when s is null or x < 0 then 'no s' end as bad from r),"
    " g as (select * from f where bad is null) select i as i, s as s, x as x, row_number() over (order by i, s, x) as n from g",
    "select distinct id as id, coalesce(w, 'none') as w, id / 100.0 as part, cast(w as varchar) as ww from u"
    " where w is not null and id between 1 and 6",
    "select id as id, row_number() over (partition by k order by id) as n, sum(id) over (partition by k order by w) as s,"
    " rank() over (order by k) as r from u where not (k is null) or id in (3, 4)",
    "select k as k, w as w from u intersect select k as k, t as w from b where t is not null and k = k",
    "select a.x as x, u.k as uk, b.y as y from u right join a on u.id = a.id left join b on b.id = a.id where u.k > 0 or u.w = 'p'",
    "select id as id, coalesce(k, 0) as k, coalesce(id, 0) as i, count(*) over (partition by k) as n from u where k in (1, 2, 9)",
    "select id as id, coalesce(cast(id as decimal(12, 2)), 0) as m, coalesce(sum(cast(id as decimal(14, 4))) over (), 1) as s"
    " from u where case when k is null then 'no key' when w = 'q' or id is null then 'bad' end is null",
    "select * exclude (d) replace (x + 1 as x) from a where not (x = 10)",
    "select k as k, count(*) as n from (select * from u where k is not null) as u where id >= 2 or (w is null and k is not null)"
    " or (1 is null and id = 3) group by k",
    "select k as k, sum(case when w = 'p' then id end) as p, coalesce(sum(if(w = 'q', id, null)), 0) as q,"
    " sum(case w when 'p' then k end) as pk from u group by k",
    "select a.id as id, coalesce(g.total, 0) as total, coalesce(g.y, 0) as y, coalesce(g.t, 'none') as t, g.total as raw from a"
    " left join (select k as k, coalesce(sum(id), 0) as total, coalesce(max(y), 0) as y, coalesce(min(t), 'none') as t from b"
    " group by k) as g on a.k = g.k",
    "select k as k, coalesce(v, 0) as v, coalesce(w, 'none') as w from (select k as k, coalesce(x, 0) as v, coalesce(s, 'none') as w"
    " from a union all select k as k, y as v, t as w from b) as p",
    "select x as x, (x and 1 is not null) as truth, (x or 1 is null) as other from a where (x or 1 is null) or s = 'p'",
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Any]:
    connection = duckdb.connect()
    connection.execute("set threads to 1")
    connection.execute(SETUP)
    yield connection
    connection.close()


def table(node: exp.Table) -> Relation:
    base = h("table", node.name)
    columns = {
        name: Value(
            h("leaf", base, quoted(name)), name, {(node.name, name): How.COPIED},
            "" if node.name == "every" else TYPES.get(name, ""),
            facts=CERTAIN.get((node.name, name), 0),
        )
        for name in TABLES[node.name]
    }  # fmt: skip
    key = KEYS.get(node.name)
    unique = frozenset({frozenset({columns[key].id})}) if key else frozenset()
    return Relation(columns, Rows(base), Rows(base), reads=frozenset({node.name}), unique=unique)


def fingerprint(sql: str) -> tuple[str, dict[str, str]] | None:
    try:
        relation = read(sql, "duckdb", table).relation
    except UnreadableSqlError:
        return None
    ids = {value.name: value.id for value in relation.columns.values()}
    return relation.rows.id + "".join(part.id for part in relation.open), ids


@contextmanager
def in_time(warehouse: Any) -> Iterator[None]:
    """Stop a query that would go on and on, as an edited recursion may."""
    stop = threading.Timer(2, warehouse.interrupt)
    stop.start()
    try:
        yield
    finally:
        stop.cancel()


def content(warehouse: Any, sql: str) -> Any:
    """Return the types and the bag of rows of a query, columns by name; None when it fails."""
    try:
        with in_time(warehouse) if "recursive" in sql else nullcontext():
            result = warehouse.execute(sql)
            fetched = result.fetchall()
    except duckdb.Error:
        return None
    names = [(one[0], str(one[1])) for one in result.description]
    if len({name.lower() for name, _ in names}) < len(names):
        return None  # a table would give one of them another name
    order = sorted(range(len(names)), key=lambda place: names[place])
    rows = sorted(tuple(repr(row[place]) for place in order) for row in fetched)
    return [names[place] for place in order], rows


def variants(sql: str, rng: random.Random, number: int) -> list[str]:
    """Return versions of a query, some several edits away from it."""
    found = [sql]
    for _ in range(number):
        start = rng.choice(found) if rng.random() < 0.5 else sql
        made = edited(start, EDITS[rng.choice(list(EDITS))], rng)
        if made and made not in found:
            found.append(made)
    return found


@pytest.mark.parametrize("sql", QUERIES)
def test_equal_ids_mean_equal_data(sql: str, warehouse: Any) -> None:
    check(variants(sql, random.Random(sql), 60), warehouse)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sql", QUERIES)
def test_equal_ids_mean_equal_data_at_length(sql: str, seed: int, warehouse: Any) -> None:
    check(variants(sql, random.Random(f"{seed} {sql}"), 400), warehouse)


def check(texts: list[str], warehouse: Any) -> None:
    """Whatever has one id has one content: the rows whole, and each column by itself."""
    whole: dict[Any, tuple[Any, str]] = {}
    columns: dict[Any, tuple[Any, str]] = {}
    for one in texts:
        found = content(warehouse, one)
        if found is None:
            continue
        prints = fingerprint(one)
        if prints is None:
            continue  # not parsed, so taken for something that may differ
        rows, ids = prints
        key = (rows, tuple(sorted(ids.items())))
        first = whole.setdefault(key, (found, one))
        assert first[0] == found, f"taken for equal:\n{first[1]}\n--\n{one}"
        names = [name for name, _ in found[0]]
        for place, name in enumerate(names):
            if name not in ids:
                continue
            alone = found[0][place][1], sorted(row[place] for row in found[1])
            other = columns.setdefault((rows, ids[name]), (alone, one))
            assert other[0] == alone, f"{name} taken for equal:\n{other[1]}\n--\n{one}"


@pytest.mark.parametrize("sql", QUERIES)
def test_looks_change_nothing(sql: str, warehouse: Any) -> None:
    """Edits of looks alone keep the ids, unless the content says that they were none."""
    rng = random.Random(sql)
    for name, edit in LOOKS.items():
        made = edited(sql, edit, rng)
        if made is None or content(warehouse, made) != content(warehouse, sql):
            continue
        assert fingerprint(made) == fingerprint(sql), f"{name}:\n{made}"


def test_edits_are_many() -> None:
    assert len(LOGIC) > 20


@pytest.mark.parametrize(
    ("sum_of", "any_order"),
    [
        ("sum(x)", True),
        ("sign(sum(x))", True),
        ("sum(case when s = 'p' then x end)", True),
        ("sum(if(s = 'p', x, null))", True),
        ("sum(case when s = 'p' then y end)", False),
        ("sum(case when s = 'p' then x else y end)", False),
    ],
)
def test_sums_of_exact_numbers_know_no_order(sum_of: str, any_order: bool) -> None:
    """What may be a double depends on the order of rows; what is certainly exact doesn't."""

    def given(seq: str) -> Any:
        columns = {
            name: Value(h("leaf", name), name, facts=facts.EXACT if name == "x" else 0)
            for name in ("k", "s", "x", "y")
        }
        return lambda _: Relation(columns, Rows("rows"), Rows(seq))

    sql = f"select k, {sum_of} as made from t group by k"
    ids = {read(sql, "duckdb", given(seq)).relation.columns["made"].id for seq in ("one", "other")}
    assert (len(ids) == 1) is any_order
