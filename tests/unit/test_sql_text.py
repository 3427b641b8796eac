"""What can be told from SQL as text, and what must not be guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_tools.sql.text import bare_sql, count_branches, hard_coded_relations

HARD_CODED = {
    "select * from raw.orders": ["raw.orders"],
    "select * FROM  Raw . Orders": ["Raw.Orders"],
    'select * from "db"."raw"."orders" o': ['"db"."raw"."orders"'],
    "select * from `my-project.raw.orders`": ["`my-project.raw.orders`"],
    "select 1\nfrom {{ ref('x') }} x\nleft join raw.orders o on o.id = x.id": ["raw.orders"],
    "select * from raw.a join raw.b using (id)": ["raw.a", "raw.b"],
    "select * from raw.orders where x in (select 1)": ["raw.orders"],
    "select * from -- the raw table\n raw.orders": ["raw.orders"],
    "select * from {# raw #} raw.orders": ["raw.orders"],
}
NOT_HARD_CODED = [
    "select * from {{ ref('orders') }}",
    "select * from {{ source('a', 'b') }} as a join {{ ref('c') }} on a.id = c.id",
    "select * from {{ database }}.raw.orders",
    "select * from raw.{{ table }}",
    "with a as (select 1) select * from a",
    "-- from raw.orders\nselect 1",
    "/* from raw.orders */ select 1",
    "{# from raw.orders #} select 1",
    "select 'from raw.orders'",
    "{% set q = 'from raw.orders' %} select 1",
    "select extract(year from o.created_at) from {{ ref('o') }} o",
    "select trim(both ' ' from o.name) from {{ ref('o') }} o",
    "select * from {{ ref('o') }} o where o.a is not distinct from o.b",
    "select (select max(x) from o.items) from {{ ref('o') }} as o",
    "with o as (select 1) select (select max(x) from o.items) from o",
    "select * from schema.table_function(1)",
    "select * from information_schema.columns",
    "select valid_from a.b",
]


@pytest.mark.parametrize("sql", HARD_CODED)
def test_relations_written_out(sql: str) -> None:
    assert [hit.text for hit in hard_coded_relations(sql)] == HARD_CODED[sql]


@pytest.mark.parametrize("sql", NOT_HARD_CODED)
def test_no_false_alarm(sql: str) -> None:
    assert hard_coded_relations(sql) == ()


def test_lines_count_from_1() -> None:
    assert hard_coded_relations("{#\n\n#}\nselect 1\nfrom a.b")[0].line == 5


def test_branches() -> None:
    assert count_branches("CASE when a then 1 WHEN b then 2 end, iff(a, 1, 2), if (b, 1, 2)") == 4
    assert count_branches("case when a then 1 else 0 end") == 1
    assert count_branches("case when a then case when b then 1 when c then 2 else 3 end end") == 3
    assert count_branches("count(case when paid then id end), sum(case when x then 1 end)") == 0
    assert count_branches("whenever, unless_when, 'when', -- when\n {% if x %} elif(x)") == 0


@given(st.text(alphabet="from join.a\"`'{}#%-/*\n()İ"))
def test_whatever_the_text(text: str) -> None:
    assert len(bare_sql(text)) == len(text)
    assert bare_sql(text).count("\n") == text.count("\n")
    hard_coded_relations(text)
    count_branches(text)
