"""What follows from a condition, and what hangs on no order: said in other words, and executed."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_tools.sql.reader import read
from tests.unit.test_sql_soundness import content, fingerprint, table, warehouse

__all__ = ["warehouse"]

READ = "with j as (select a.id as id, a.k as k, {more}b.y as y from a {join} join b on a.id = b.id) {reads}"
NUMBERED = """
with v as (select {distinct}id, k, x, false as held from a {order}), n as (
    select *, row_number() over (partition by k order by x, id{more}) as place from v
) select id as id, k as k, x as x from n where place = 1
"""
CHECKED = """
with r as (select cast(id as bigint) as i, lower(s) as s from a {where}),
f as (select *, case when i is null then 'no id' when s = '' then 'no s' end as bad from r)
select i as i, s as s from f where bad is null {also}
"""
NEWEST = """
with r as (select {distinct}id, k, cast(x as bigint) as y from a {where}),
f as (select *, case when k is null or k = 0 then 'no k' when y < 1 then 'no y' end as bad from r),
v as (select * from f where bad is null), n as (
    select *, row_number() over (partition by k order by y, id{more}) as place from v
) select id as id, k as k, y as y from n where place {place}
"""
AGAIN = """
with v as (select {distinct}k, s from a), n as (
    select *, row_number() over (partition by k order by s) as place from v
), m as (
    select *, row_number() over (partition by k order by s desc, place {more}) as last from n
) select k as k, {shown} from m where last = 1
"""
GROUPS = """
with v as (select {distinct}k, s from a) select k as k, {given} as g from v group by k
"""
PAIRS = """
with v as (select {distinct}u.id, u.w, u.k, b.id as other from u {join} (select id, k from u) as b on u.k = b.k)
select w as w, row_number() over (partition by k order by id{more}) as n from (select * from v {order}) as v
"""
SEEN = """
with v as (select id, k, x, s from a {order})
select id as id, k as k, row_number() over (partition by k order by x, id) || s as place from v
"""
UNION = """
with v as (select {distinct}id, k, x from a), w as (select {other}id, k, id as x from b),
e as (select * from v union all select * from w {also}), n as (
    select *, row_number() over (partition by k order by x, id) as place from e
) select id as id, k as k, x as x from n where place = 1
"""
PER_K = """
with g as (select k, max(s) as s from a group by k), p as (
    select g.k, g.s, b.id from {order} {join} on b.k = g.k
), n as (select *, row_number() over (partition by id order by k) as place from p)
select id as id, k as k, s as s from n where place = 1
"""
OF_JSON = """
with j as (select cast('{{"n": null}}' as json) -> '$.n' as n from a) select {} as n from j where n is not null
"""
FIRST = """
with n as (select *, row_number() over (partition by k order by x, id, s, d) as place from a)
select {distinct}n.k as k, n.id as id from n {join}where place = {place}
"""
FIRST_ON = """
with f as (select cast(k as int) as k, x, {numbered}() over (partition by cast(k as int) order by {by}) as n from a)
select b.id as id from b left join f on cast(b.k as int) = f.k and f.n {place}
"""
ALIKE = [
    (FIRST_ON.format(numbered="row_number", by="id", place="= 1"), "select b.id as id from b"),
    (FIRST_ON.format(numbered="row_number", by="id", place="= 1 and (f.x > 0)"), "select b.id as id from b"),
    # One row of each partition is distinct already, and a lookup finds one at most.
    (FIRST.format(distinct="", place=1, join=""), FIRST.format(distinct="distinct ", place=1, join="")),
    ("select b.id as id from b left join (select cast(k as int) as k, row_number() over (partition by cast(k as int) order by id) as n"
     " from a qualify n = 1) as f on cast(b.k as int) = f.k", "select b.id as id from b"),
    # Peers of the order are alike in all that is selected.
    (NUMBERED.format(distinct="", order="", more=""),
     NUMBERED.format(distinct="", order="order by s", more="")),
    # ... also where something is made of the number,
    *[(NUMBERED.format(distinct="", order="", more="").replace("row_number()", f"{function}(row_number()").replace("as place", f"{rest} as place"),
       NUMBERED.format(distinct="", order="order by s", more="").replace("row_number()", f"{function}(row_number()").replace("as place", f"{rest} as place"))
      for function, rest in (("coalesce", ", 0)"), ("", ") * 2 - 1"))],
    # ... so it makes no difference how often one is there,
    (NUMBERED.format(distinct="", order="", more=""),
     NUMBERED.format(distinct="distinct ", order="", more="")),
    (NEWEST.format(distinct="", where="", more="", place="= 1"),
     NEWEST.format(distinct="distinct ", where="order by y", more="", place="= 1")),
    *[(UNION.format(distinct="", other="", also=also), UNION.format(distinct=one, other=two, also=also))
      for one, two in (("distinct ", ""), ("", "distinct "), ("distinct ", "distinct "))
      for also in ("", "union all select * from v", "where id in (select distinct id from v)")],
    ("select id as id from b where k in (select distinct k from (select distinct k, s from a) as v)",
     "select id as id from b where k in (select distinct k from a)"),
    # What a key tells, peers of the key are alike in.
    (PER_K.format(order="g", join="join b"),
     PER_K.format(order="(select * from g order by s) as g", join="join b")),
    # ... and none that a later condition leaves out is missed.
    (NEWEST.format(distinct="", where="", more="", place="= 1"),
     NEWEST.format(distinct="", where="where k is not null", more="", place="= 1")),
    (CHECKED.format(where="", also=""), CHECKED.format(where="where id is not null", also="")),
    # Groups, and some of what is asked of them, are the same however often a row is there.
    *[(GROUPS.format(distinct="", given=given), GROUPS.format(distinct="distinct ", given=given))
      for given in ("min(s)", "count(distinct s)", "bool_or(s = 'p')", "max(s) filter (where s <> 'p')", "1")],
    ("select max(s) as s from a", "select max(s) as s from (select distinct s, k from a) as a"),
    # What the one reader of a join throws away needs no outer join.
    *[(READ.format(more="", join="left", reads=reads), READ.format(more="", join=join, reads=reads))
      for join in ("inner", "full") for reads in (
        "select id as id, y as y from j where y > 0 and id > 0",
        "select c.name as name, j.y as y from c left join j on j.k = c.k where (j.y > 0 and j.id is not null)",
      )],
    ("with j as (select cast(a.x * coalesce(b.y, 1) as double) as z from a left join b on a.id = b.id) select z as z from j where z > 0",
     "with j as (select cast(a.x * coalesce(b.y, 1) as double) as z from a full join b on a.id = b.id) select z as z from j where z > 0"),
    # A row number begins with one.
    *[(NEWEST.format(distinct="", where="", more="", place="= 1"), NEWEST.format(distinct="", where="", more="", place=place))
      for place in ("<= 1", "< 2")],
    ("select k as k, id as id from a qualify row_number() over (partition by k order by id, x, s, d) = 1",
     "select k as k, id as id from a qualify 2 > row_number() over (partition by k order by id, x, s, d)"),
    # A pair of rows is known by a key of each.
    *[(PAIRS.format(distinct="", join=join, more=", other", order=""),
       PAIRS.format(distinct=distinct, join=join, more=", other", order="order by w desc, other desc"))
      for join in ("join", "left join") for distinct in ("", "distinct ")],
    # A series has no null.
    ("select range as day from range(3)", "select range as day from range(3) where range is not null"),
    ("select i as i from generate_series(1, 3) as t(i)",
     "select i as i from generate_series(1, 3) as t(i) where i is not null"),
    # A cast is null where what it is given is; whoever asks for one has asked for both.
    (CHECKED.format(where="", also="and i > 1"),
     CHECKED.format(where="", also="and i > 1 and i is not null")),
    ("select cast(id as bigint) as i from a where cast(id as bigint) > 1",
     "select cast(id as bigint) as i from a where cast(id as bigint) > 1 and id is not null"),
    ("select x * 2 as y from a where x * 2 > 1",
     "select x * 2 as y from a where x * 2 > 1 and x is not null"),
]  # fmt: skip
OTHER = [
    # Several of a partition may come before the third, or be first together.
    (FIRST_ON.format(numbered="row_number", by="id", place="< 3"), "select b.id as id from b"),
    (FIRST_ON.format(numbered="rank", by="1", place="= 1"), "select b.id as id from b"),
    (FIRST_ON.format(numbered="row_number", by="id", place="= 1 or f.n = 2"), "select b.id as id from b"),
    # A second row of a partition may be like the first in what is selected, and so may joined rows.
    (FIRST.format(distinct="", place="place", join="").replace(", n.id as id", ""),
     FIRST.format(distinct="distinct ", place="place", join="").replace(", n.id as id", "")),
    (FIRST.format(distinct="", place=1, join="join b on b.k = n.k "),
     FIRST.format(distinct="distinct ", place=1, join="join b on b.k = n.k ")),
    # The number counts repeated rows of a union as well.
    (UNION.format(distinct="", other="", also="").replace("x as x from n where place = 1", "place as x from n"),
     UNION.format(distinct="distinct ", other="", also="").replace("x as x from n where place = 1", "place as x from n")),
    ("select count(*) as n from (select distinct id from a union all select id from b) as v",
     "select count(*) as n from (select id from a union all select id from b) as v"),
    # What one side's key tells is nothing of the other side.
    *[(PER_K.format(order="g", join=f"{join} (select * from b order by y) as b").replace("g.s", "b.y as s"),
       PER_K.format(order="g", join=f"{join} (select * from b order by y desc) as b").replace("g.s", "b.y as s"))
      for join in ("join", "left join")],
    *[(PER_K.format(order="(select * from b order by y) as b", join=f"{join} g").replace("b.k = g.k", "b.k = g.k or g.k is null"),
       PER_K.format(order="(select * from b order by y desc) as b", join=f"{join} g").replace("b.k = g.k", "b.k = g.k or g.k is null"))
      for join in ("left join", "full join")],
    (PER_K.format(order="(select k, w as s from u order by id) as g", join="join b"),
     PER_K.format(order="(select k, w as s from u order by id desc) as g", join="join b")),
    # The second of a partition may be the first once more.
    (NEWEST.format(distinct="", where="", more="", place="= 2"),
     NEWEST.format(distinct="distinct ", where="", more="", place="= 2")),
    (NEWEST.format(distinct="", where="", more="", place="< 3"),
     NEWEST.format(distinct="distinct ", where="", more="", place="< 3")),
    *[(GROUPS.format(distinct="", given=given), GROUPS.format(distinct="distinct ", given=given))
      for given in ("count(s)", "count(*)", "sum(length(s))", "list(s order by s)")],
    (GROUPS.format(distinct="", given="count(s)"), GROUPS.format(distinct="distinct ", given="count(distinct s)")),
    ("select count(id) as n from (select id from u union all select id from u) as v",
     "select count(distinct id) as n from (select distinct id from (select id from u union all select id from u) as w) as v"),
    (PAIRS.format(distinct="", join="join", more="", order="").replace("select w as w", "select other as w"),
     PAIRS.format(distinct="", join="join", more="", order="order by w desc, other").replace("select w as w", "select other as w")),
    (PAIRS.format(distinct="", join="full join", more=", other", order=""),
     PAIRS.format(distinct="", join="full join", more=", other", order="order by other")),
    # The number itself is seen, and counts the repeated ones.
    (AGAIN.format(distinct="", more="desc", shown="place as place"),
     AGAIN.format(distinct="distinct ", more="desc", shown="place as place")),
    # JSON has a null that is none until it is cast.
    (OF_JSON.format("coalesce(cast(n as bigint), 0)"), OF_JSON.format("cast(n as bigint)")),
    # A CASE that gives null for a reason, or asks for something else, says less.
    (CHECKED.format(where="", also="").replace("'no s'", "null"),
     CHECKED.format(where="where s <> ''", also="").replace("'no s'", "null")),
    (CHECKED.format(where="", also="").replace("end", "else null end").replace("'no id'", "s"),
     CHECKED.format(where="where id is not null", also="").replace("'no id'", "s")),
    (CHECKED.format(where="", also=""), CHECKED.format(where="where x is not null", also="")),
    (SEEN.format(order="order by s"), SEEN.format(order="order by s desc")),
    # By what is not selected of peers one of them is kept.
    *[(f"select {on}k as k, row_number() over (order by k) as n from (select * from u order by w) as u order by id{limit}",
       f"select {on}k as k, row_number() over (order by k) as n from (select * from u order by w desc) as u order by id{limit}")
      for on, limit in (("", " limit 1"), ("", " offset 5"), ("distinct on (id % 2) ", ""))],
    # What is selected of peers differs.
    (NUMBERED.format(distinct="", order="", more="").replace("order by x, id", "order by x"),
     NUMBERED.format(distinct="", order="order by s", more="").replace("order by x, id", "order by x")),
    # What a join finds of a row that is there once it finds as often as the row is there.
    ("select v.k as k, max(b.y) as y from (select distinct k from a) as v join b on v.k = b.k group by v.k",
     "select v.k as k, max(b.y) as y from (select distinct k from a) as v join (select * from b where y > 2) as b on v.k = b.k group by v.k"),
    ("select max(v.k) as k from (select distinct k from a) as v cross join (select 1 from b where y > 999) as b",
     "select max(v.k) as k from (select distinct k from a) as v"),
    # Of two texts a cast may make one number: one row finds several.
    ("select a.id as id from a left join (select t, count(*) as n from (values ('1'), ('01')) as t(t) group by t) as f on f.t = a.k",
     "select a.id as id from a"),
    ("select id as id from a where not (x in (select k from c where false) or x in (select k from c where false))",
     "select id as id from a where not (x in (select k from c where false) or x in (select k from c where false)) and x is not null"),
    # The two greatest are no value.
    ("select k as k, max(s, 2) as s from (select distinct k, s from a) as v group by k", "select k as k, max(s, 2) as s from a group by k"),
    ("select cast(max(lower(s), 2) as varchar) as s from a", "select max(lower(s), 2) as s from a"),
    # Functions the parser doesn't know may look at all rows.
    ("select json_group_array(id) as g from (select id from a order by id) as v",
     "select json_group_array(id) as g from (select id from a order by id desc) as v"),
    ("select id as id, (select a.s || json_group_array(v.id) from (select id from b order by y) as v) as g from a",
     "select id as id, (select a.s || json_group_array(v.id) from (select id from b order by y desc) as v) as g from a"),
    ("select list(id) as l from ((select id from a union all select id from b order by id) union all select id from u) as v",
     "select list(id) as l from ((select id from a union all select id from b) union all select id from u) as v"),
    # What a recursion makes of a number may be null.
    ("with recursive r(n, d) as (select cast(1 as bigint), 0 union all select nullif(n + 1, 3), d + 1 from r where d < 5 "
     "and coalesce(n, 0) < 9) select n as n, d as d from r",
     "with recursive r(n, d) as (select cast(1 as bigint), 0 union all select nullif(n + 1, 3), d + 1 from r where d < 5 "
     "and n < 9) select n as n, d as d from r"),
    # An alias is meant where it stands alone.
    ("select -x as x, id as id from a where x is not null order by x + 1, id limit 2",
     "select -x as x, id as id from a where x is not null order by -a.x + 1, id limit 2"),
    ("select null as g from a", "select cast(null as varchar) as g from a"),
    ("select cast(x as float) / 3 as d from a", "select cast(cast(x as float) / 3 as double) as d from a"),
    ("with v as (select cast(x as smallint) as x, 1 as z from a) select x + 1 as y from v",
     "with v as (select cast(x as smallint) as x, 1 as z from a) select x + z as y from v"),
    # ... which the reader must do, the only one, and row by row.
    *[(READ.format(more=more, join="left", reads=reads), READ.format(more=more, join="inner", reads=reads))
      for more, reads in (
        ("", "select id as id, coalesce(y, 0) as z from j where coalesce(y, 0) = 0"),
        ("", "select id as id from j where y > 0 union all select id as id from j"),
        ("", "select j.id as id, c.name as name from c positional join j where j.y > 0"),
        ("", "select c.k as k, j.y as y from c asof join j on j.k = c.k and j.id <= c.k where j.y > 0"),
        ("b.*, ", "select j.id as id from j where j.y > 0 or j.y is null"),
        ("count(*) over () as n, ", "select n as n from j where y > 0"),
      )],
    # Of a number and a double doubles are made, sooner or later.
    ("select id as id from a where cast(x as bigint) between 9007199254740993 and 1e30",
     "select id as id from a where cast(x as bigint) >= 9007199254740993 and cast(x as bigint) <= 1e30"),
    ("select coalesce(coalesce(cast(x as bigint), cast(k as float)), cast(k as double)) as v from a",
     "select coalesce(cast(x as bigint), cast(k as float), cast(k as double)) as v from a"),
    # ... and rows may come in another order, which the last digit of a sum hangs on.
    *[(f"select sum(y) as y from ({READ.format(more='', join='left', reads=reads)}) as v",
       f"select sum(y) as y from ({READ.format(more='', join='inner', reads=reads)}) as v")
      for reads in ("select y as y from j where y > 0",)],
    ("select sum(cast(x as double)) as x from (select x from a qualify row_number() over (partition by k order by id) = 1) as v",
     "select sum(cast(x as double)) as x from (select x from a qualify row_number() over (partition by k order by id) <= 1) as v"),
    # With an order of its own a function goes by the frame; of no rows DuckDB counts null.
    ("select id as id, lag(x order by d, id) over (partition by k order by id, x) as l from a",
     "select id as id, lag(x order by d, id) over (partition by k order by id, x rows between 1 preceding and current row) as l from a"),
    ("select count_if(x > 1) as n from a where false", "select coalesce(count_if(x > 1), 0) as n from a where false"),
    # That nullif(x, 2) is asked for says nothing of the two.
    ("select x as x from a where nullif(2, x) > 1",
     "select x as x from a where nullif(2, x) > 1 and x is not null"),
    ("select x as x from a where coalesce(x, 2) > 1",
     "select x as x from a where coalesce(x, 2) > 1 and x is not null"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), ALIKE)
def test_the_same(one: str, two: str, warehouse: Any) -> None:
    check_alike(one, two, warehouse)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_not_the_same(one: str, two: str, warehouse: Any) -> None:
    assert content(warehouse, one) is not None
    assert fingerprint(one) != fingerprint(two)


def check_alike(one: str, two: str, warehouse: Any) -> None:
    """Two queries give the same, and are known to."""
    assert content(warehouse, one) is not None
    assert content(warehouse, one) == content(warehouse, two)
    assert fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize(
    ("sql", "unknown"),
    [
        ("select r.x as x from read_csv('a.csv', header = true, delim = ';') as r", set()),
        ("select a.id as id from a, read_csv('a.csv', header = true) as r", set()),
        ("select a.id as id, t.v as v from a, unnest([a.x = 1]) as t(v)", set()),
        ("select a.id as id, t.v as v from a, unnest([a.gone = 1]) as t(v)", {"gone"}),
    ],
)
def test_settings_of_a_table_function_are_no_columns(sql: str, unknown: set[str]) -> None:
    assert {one.column for one in read(sql, "duckdb", table).problems} == unknown
