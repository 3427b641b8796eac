"""Any edit at all: words of a query replaced, swapped, dropped, repeated, and both executed on DuckDB.

Most of what comes out is refused by DuckDB. Of the rest, whatever gets one id has one content.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from sqlglot import tokenize

from tests.unit.test_sql_soundness import SETUP, TABLES, check

# A table with lists, structures and JSON beside those of the other edits.
NESTED = """
create table l as select * from (values
    (1, [1, 2, 3], {'p': 1, 'q': 'a'}, '{"j": 1, "m": {"n": 2}}'), (2, [3, null], {'p': 2, 'q': 'b'}, '{"j": 2}'),
    (3, [], {'p': null, 'q': 'a'}, null), (4, null, null, '{"m": {"n": 5}}'), (5, [2, 2, 9], {'p': 3, 'q': null}, '[]')
) t(id, xs, st, js)
"""
QUERIES = (
    "select id as id, x as x from a where exists (select 1 from a a2 where a2.k = a.k and a2.id > a.id)",
    "select a1.id as id, (select max(a2.x) from a a2 where a2.k = a1.k) as mx, (select count(*) from b where "
     "b.k = a1.k and b.id <> a1.id) as n from a a1",
    "select a.id as id, q.y as y from a, lateral (select b.y as y from b where b.k = a.k order by b.y limit "
     "1) q",
    "select id as id, k as k from a where (k, id) in (select k, max(id) from a group by k)",
    "select id as id, unnest(xs) as v from l where len(xs) > 1",
    "select l.id as id, u.v as v, u.o as o from l, unnest(xs) with ordinality u(v, o)",
    "select id as id, [y * 2 for y in xs if y > 1] as d, list_transform(xs, e -> e + id) as t from l",
    "select id as id, st.p as p, st['q'] as q, xs[1] as f, xs[-1] as la, js->>'$.m.n' as n from l",
    "select k as k, list(x order by id) as l, first(s order by x) as f, arg_max(id, x) as am, string_agg(s, "
     "'-' order by id desc) as sa from a group by k",
    "select k as k, s as s, grouping(k) as g, sum(x) as sx from a group by grouping sets ((k, s), (k), ())",
    "select k as k, s as s, count(*) as n from a group by rollup (k, s) having count(*) > 1",
    "pivot (select k, s, x from a) on s in ('p', 'q') using sum(x) as total group by k",
    "select * from (unpivot (select id, x, k from a) on x, k into name nm value v) as up where v > 1",
    "select id as id, sum(x) over w as sw, lag(x, 1, 0) over v as lg, ntile(3) over w as nt from a window w "
     "as (partition by k order by id, s), v as (order by id, d)",
    "select id as id, last_value(x) over (partition by k order by id rows between unbounded preceding and "
     "unbounded following) as lv, sum(x) over (order by id range between 2 preceding and current row exclude "
     "current row) as r from a",
    "select distinct on (k) k as k, id as id, x as x from a order by k, x desc nulls last, id",
    "select id as id, x as x from a order by x desc nulls first, id limit 4 offset 1",
    "(select id as id, x as x from a order by id limit 3) union all by name (select y as x, id as id from b "
     "order by y limit 2)",
    "with recursive r(n, p) as (select 1, 2 union all select n + 1, p * 2 from r where n < 5) select n as n, "
     "p as p from r where p > 2",
    "select a.id as id, b.y as y from a asof join b on a.k = b.k and a.id >= b.id",
    "select a.id as id, c.name as name from a semi join b on a.id = b.id left join c using (k)",
    "select a.id as id, b.id as bid from a positional join b",
    "select id as id, coalesce(nullif(s, ''), 'e') as s, case when s like 'p%' then 1 when s similar to "
     "'[qr]+' then 2 else 3 end as c, regexp_replace(s, 'p', 'z') as rr from a",
    "select id as id, date_trunc('month', d) as m, d + interval 1 month as nx, date_diff('day', d, date "
     "'2024-03-01') as dd, extract(year from d) as yr, strftime(d, '%Y-%m') as f from a",
    "select id as id, x // 3 as i, x % 3 as m, x / 4 as q, -x as neg, x ** 2 as sq, round(x / 7, 2) as r, "
     "abs(x) as ab from a",
    "select id as id, cast(x as varchar) || '-' || coalesce(s, '') as c, concat_ws('|', s, k) as w, lower(s) "
     "as lo, length(s) as le, substr(s, 1, 1) as su, trim(s) as tr from a",
    "select count(*) as n, count(x) as nx, count(distinct k) as dk, sum(distinct x) as sd, avg(x) as av, "
     "median(x) as md, min(s) as mn, bool_or(x > 5) as bo, stddev(x) as sdv from a",
    "select k as k, sum(x) filter (where s is not null) as sx, count(*) filter (where x > 1 or s = 'p') as n "
     "from a group by all order by all",
    "from a select id as id, k as k where x between 1 and 10 and s not in ('q') or d is null",
    "select id as id, x > all (select y from b where y is not null) as al, x = any (select y from b) as an, k "
     "in (select k from c) as inn, k not in (select k from c where k is not null) as nin from a",
    "select a.k as k, b.id as id from a full join b on a.k = b.k and a.x > 1 where a.id is null or b.id is "
     "null",
    "select a.* exclude (d, s), b.y as y from a right join b using (id)",
    "select id as id, if(x > 3, s, null) as i, greatest(x, k) as g, least(x, k, 2) as l, ifnull(x, -1) as f, "
     "x is distinct from k as dis, not (x > 2 and k < 3) as nt from a",
    "select id as id, x as x from a intersect all select id as id, k as x from a",
    "select k as k, n as n from (select k, count(*) as n from a group by k) t where n = (select max(m) from "
     "(select count(*) as m from a group by k) z)",
    "with t as (select *, row_number() over (partition by k order by x desc, id) as rn from a) select id as "
     "id, k as k from t where rn = 1",
    "select id as id, struct_pack(u := x, v := k) as sp, {'a': x, 'b': {'c': k}} as ns, map {'z': x} as mp, "
     "row(x, k) as rw, [x, k] as li from a",
    "select a.id as id, (select b.y from b where b.id = a.id and b.k = (select min(b2.k) from b b2 where "
     "b2.id = b.id) order by b.y limit 1) as y from a",
    "select k as k, max(x) over () - x as gap, count(*) over (partition by s) as cs from a qualify "
     "row_number() over (partition by k order by id, s) = 1",
    "select id as id, x as x from a where x > (select avg(x) from a) and exists (from b where b.id = a.id or "
     "b.t = a.s)",
    "select id as id, sum(sum(x)) over (order by id) as ss from a group by id",
    "select json_extract_string(js, '$.j') as j, js->'m' as m, json_array_length(js) as n from l where js is "
     "not null",
    "with a as (select id, x, k from a where x > 1) select id as id, x as x from a where k = 1 or k = 2",
    "select x + 1 as x, x * 2 as y, y - x as z from a where x > 2 order by x limit 5",
    "select k as x, sum(x) as s from a group by k, x having s > 1 order by x",
    "select x as k, count(*) as n from a group by k",
    "select k as k, sum(x) as x from a group by k having x > 5",
    "select k as k, a.id as aid, b.id as bid from a full join b using (k) where aid is not null or bid > 2",
    "select k as k, name as name, x as x from a natural join c",
    "select id as id, (select x + c.k from c where c.k = a.k limit 1) as z from a where x in (1, 2, 10, null) "
     "or s in ('p')",
    "select t.i as i, t.n as n, a.s as s from (values (1, 'a'), (2, 'b'), (3, null)) t(i, n) left join a on "
     "a.id = t.i",
    "with x as (select id, k, x from a), y as (select * from x where x > 2), z as (select * from x where k is "
     "not null) select y.id as id, z.k as k from y join z using (id)",
    "select t.* exclude (d) replace (x + 1 as x) from a t where t.id = (select max(u.id) from a u where u.k = "
     "t.k)",
    "select id as id, x as x from (select * from a order by x desc, id limit 5) order by id limit 2",
    "select k as k, count(*) as n, max(n) over () as m from (select k, count(*) as n from a group by k) q "
     "group by k, n",
    "select a.id as id, b.y as y, c.name as name from a left join (b join c on b.k = c.k) on a.id = b.id and "
     "c.name is not null",
    "select a.id as id from a where not exists (select 1 from b where b.k = a.k) and a.k not in (select k "
     "from c where c.name = a.s or c.name is not null)",
    "select 'a' as src, id as id from a where x > 1 union all select 'b' as src, id as id from b where y > 1 "
     "union all select t as src, k as id from b where k is not null",
    "select coalesce(a.k, b.k, 0) as k, coalesce(sum(a.x), 0) - coalesce(sum(b.y), 0) as net from a full join "
     "b on a.k = b.k group by 1",
    "select id as id, x as x, case when lag(x) over (order by id, s) is null then 1 when x - lag(x) over "
     "(order by id, s) > 5 then 1 else 0 end as is_new from a",
    "select id as id, sum(flag) over (order by id, x rows unbounded preceding) as grp from (select id, x, "
     "case when x > 5 or x is null then 1 else 0 end as flag from a) f",
    "select md5(concat_ws('-', cast(id as varchar), s)) as h, hash(id) % 2 as hh, id as id from a",
    "select try_cast(s as integer) as i, cast(x as decimal(10, 2)) as d, x::double as f, x::varchar as v, "
     "d::timestamp as ts, cast(d as varchar) as dv from a",
    "with t as (select * from u order by w, id) select distinct on (k) k as k, id as id, w as w from t order "
     "by k, id desc",
    "with t as (select * from u order by w) select id as id, k as k, w as w from t order by id limit 3",
    "with t as (select * from a order by x, id) select k as k, string_agg(s, ',' order by s) as ss, "
     "list(distinct x order by x) as xs, max_by(s, x) as m, list(x order by s) as o from t group by k",
    "with t as (select * from u order by w) select k as k, max_by(w, id) as m, string_agg(w, '' order by id) "
     "as s, min_by(id, k) as b, count(*) as n from t group by k having count(*) > 0",
    "with t as (select * from a order by x, id) select strftime(d, '%Y') as y, left(s, 1) as l, first(x) as f, "
     "bool_and(x > 1) as al, bool_or(cast(x as boolean)) as an from t group by y, l",
    "select id as id, js->'m' as a, js->'$.m' as b, js->>'$.m.n' as c from l",
    "select id as id, js->>'m.n' as c, js->>'$.m.n' as d, js->>'m' as m from l",
    "with p as (pivot (select k, s, x from a) on s in ('p', 'q') using sum(x), count(*) as n group by k) "
     "select * from p where k > 1",
    "unpivot (select id, x, k from a) on x, k into name nm value v",
    "with j as (select a.id as id, a.k as k, b.y as y, a.x + b.y as z from a left join b on a.id = b.id) select "
     "j.id as id, c.name as name, j.y as y from c left join j on j.k = c.k where j.y > 0 and j.z < 100",
    "with v as (select distinct k, s from a), j as (select v.k as k, v.s as s, b.y as y from v left join b on v.k "
     "= b.k) select k as k, max(y) as y, count(distinct s) as n from j where y > 0 group by k",
    "select list_filter(xs, e -> e > 1) as f, list_sort(xs) as s, array_length(xs) as n, list_contains(xs, 2) "
     "as c, id as id from l",
)  # fmt: skip
# Words that may stand for each other.
WORDS = (
    ("left", "inner", "right", "full", "asof", "semi", "anti", "positional", "cross"),
    ("asc", "desc"), ("and", "or"), ("union", "except", "intersect"), ("rows", "range", "groups"),
    ("preceding", "following"), ("min", "max", "sum", "avg", "count", "first", "last"), ("any", "all"),
    ("in", "not in"), ("exists", "not exists"), ("is", "is not"), ("rank", "dense_rank"), ("lag", "lead"),
    ("month", "year"), ("rollup", "cube"), ("unbounded", "1"), ("=", "<>", ">", ">=", "<", "<="),
    ("+", "-", "*", "/"), ("->", "->>"), ("greatest", "least"), ("distinct", ""), ("first", ""), ("desc", ""),
)  # fmt: skip
LITERALS = {
    "NUMBER": ("0", "1", "2", "3", "5", "10", "-1"),
    "STRING": ("'p'", "'q'", "''", "' '", "'P'", "'year'", "'day'", "'%y'"),
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Any]:
    connection = duckdb.connect()
    connection.execute("set threads to 1")
    connection.execute(SETUP + NESTED)
    TABLES["l"] = ("id", "xs", "st", "js")
    yield connection
    connection.close()


def mutated(sql: str, rng: random.Random) -> str:
    """Return the query with one thing done to its words, which may well make nonsense of it."""
    tokens = [(t.token_type.name, sql[t.start : t.end + 1]) for t in tokenize(sql, read="duckdb")]
    words = [text for _, text in tokens]
    named = [place for place, (_, text) in enumerate(tokens) if text.isidentifier()]
    place, other, many = rng.randrange(len(words)), rng.randrange(len(words)), rng.randint(1, 3)
    way = rng.randrange(7)
    if way < 2 and len(named) > 1:
        place, other = rng.sample(named, 2)
        first, second = words[place], words[other]
        words[place], words[other] = second, first if way else second
    elif way == 2:
        literals = [at for at, (kind, _) in enumerate(tokens) if kind in LITERALS]
        if literals:
            place = rng.choice(literals)
            words[place] = rng.choice(LITERALS[tokens[place][0]])
    elif way == 3:
        del words[place : place + many]
    elif way == 4:
        words[place:place] = words[other : other + many]
    elif way == 5:
        low, high = sorted((place, other))
        if high - low >= many:
            one, two = words[low : low + many], words[high : high + many]
            words = [*words[:low], *two, *words[low + many : high], *one, *words[high + many :]]
    else:
        groups = [group for group in WORDS if any(text in group for text in words)]
        group = rng.choice(groups or WORDS)
        at = [at for at, text in enumerate(words) if text in group]
        if at:
            words[rng.choice(at)] = rng.choice(group)
    return " ".join(words)


def variants(sql: str, rng: random.Random, number: int) -> list[str]:
    """Return versions of a query, each an edit or more away from it."""
    found = {sql: None}
    for _ in range(number):
        start = rng.choice(list(found)[-40:]) if rng.random() < 0.3 else sql
        found.setdefault(mutated(start, rng))
    return list(found)


@pytest.mark.parametrize("sql", QUERIES)
def test_equal_ids_mean_equal_data(sql: str, warehouse: Any) -> None:
    check(variants(sql, random.Random(sql), 60), warehouse)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sql", QUERIES)
def test_equal_ids_mean_equal_data_at_length(sql: str, seed: int, warehouse: Any) -> None:
    check(variants(sql, random.Random(f"{seed} {sql}"), 3000), warehouse)
