"""What follows from a condition, and what hangs on no order: said in other words, and executed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_sql_soundness import content, fingerprint, warehouse

__all__ = ["warehouse"]

NUMBERED = """
with v as (select id, k, x, false as held {distinct}from a {order}), n as (
    select *, row_number() over (partition by k order by x, id{more}) as place from v
) select id as id, k as k, x as x from n where place = 1
"""
CHECKED = """
with r as (select cast(id as bigint) as i, lower(s) as s from a {where}),
f as (select *, case when i is null then 'no id' when s = '' then 'no s' end as bad from r)
select i as i, s as s from f where bad is null {also}
"""
FIRST = """
with n as (select *, row_number() over (partition by k order by x, id, s, d) as place from a)
select {distinct}n.k as k, n.id as id from n {join}where place = {place}
"""
ALIKE = [
    # One row of each partition is distinct already, and a lookup finds one at most.
    (FIRST.format(distinct="", place=1, join=""), FIRST.format(distinct="distinct ", place=1, join="")),
    ("select b.id as id from b left join (select k, row_number() over (partition by k order by id) as n from a"
     " qualify n = 1) as f on b.k = f.k", "select b.id as id from b"),
    # Peers of the order are alike in all that is selected.
    (NUMBERED.format(distinct="", order="", more=""),
     NUMBERED.format(distinct="", order="order by s", more="")),
    # A cast is null where what it is given is; whoever asks for one has asked for both.
    (CHECKED.format(where="", also="and i > 1"),
     CHECKED.format(where="", also="and i > 1 and i is not null")),
    ("select cast(id as bigint) as i from a where cast(id as bigint) > 1",
     "select cast(id as bigint) as i from a where cast(id as bigint) > 1 and id is not null"),
    ("select x * 2 as y from a where x * 2 > 1",
     "select x * 2 as y from a where x * 2 > 1 and x is not null"),
]  # fmt: skip
OTHER = [
    # A second row of a partition may be like the first in what is selected, and so may joined rows.
    (FIRST.format(distinct="", place="place", join="").replace(", n.id as id", ""),
     FIRST.format(distinct="distinct ", place="place", join="").replace(", n.id as id", "")),
    (FIRST.format(distinct="", place=1, join="join b on b.k = n.k "),
     FIRST.format(distinct="distinct ", place=1, join="join b on b.k = n.k ")),
    # What is selected of peers differs.
    (NUMBERED.format(distinct="", order="", more="").replace("order by x, id", "order by x"),
     NUMBERED.format(distinct="", order="order by s", more="").replace("order by x, id", "order by x")),
    # That nullif(x, 2) is asked for says nothing of the two.
    ("select x as x from a where nullif(2, x) > 1",
     "select x as x from a where nullif(2, x) > 1 and x is not null"),
    ("select x as x from a where coalesce(x, 2) > 1",
     "select x as x from a where coalesce(x, 2) > 1 and x is not null"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), ALIKE)
def test_the_same(one: str, two: str, warehouse: Any) -> None:
    assert content(warehouse, one) is not None
    assert content(warehouse, one) == content(warehouse, two)
    assert fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_not_the_same(one: str, two: str, warehouse: Any) -> None:
    assert content(warehouse, one) is not None
    assert fingerprint(one) != fingerprint(two)
