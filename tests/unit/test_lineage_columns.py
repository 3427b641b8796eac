"""Where each column comes from, how, and what decides the rows, construct by construct."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.lineage import Lineages, lineage_of
from tests.unit.project_files import ProjectFiles

ORDERS = ("id", "customer_id", "amount", "status", "ordered_at", "tags")
CUSTOMERS = ("id", "name", "region")
EVERY = " ".join(f"{name}=o.{name}" for name in ORDERS)

# SQL on o (orders) and c (customers); the columns, each with what it is taken from and how where
# that isn't copied; and what decides the rows.
CASES = [
    ("select id, amount as total, cast(amount as double) as d, amount + 1 as more from o",
     "id=o.id total=o.amount:renamed d=o.amount:cast more=o.amount:computed", ""),
    ("select (amount)::double as d, amount::text::int as i, (amount) as amount from o",
     "d=o.amount:cast i=o.amount:cast amount=o.amount", ""),
    ("with a as (select id as order_id, amount from o), b as (select order_id as id, amount from a) select * from b",
     "id=o.id amount=o.amount", ""),
    ("select * exclude (tags, status, ordered_at) replace (amount / 100 as amount) from o",
     "id=o.id customer_id=o.customer_id amount=o.amount:computed", ""),
    ("select * rename (amount as total) from o", EVERY.replace("amount=o.amount", "total=o.amount:renamed"), ""),
    ("select o.id, c.name from o join c on o.customer_id = c.id",
     "id=o.id name=c.name", "c.id:join o.customer_id:join"),
    ("select id, name, status from o left join c using (id) where region is null",
     "id=o.id name=c.name status=o.status", "c.id:join c.region:filter o.id:join"),
    ("select id, name from c union all select id, status from o",
     "id=c.id,o.id name=c.name,o.status:renamed", ""),
    ("select id, name from c union all by name select status as name, id from o",
     "id=c.id,o.id name=c.name,o.status:renamed", ""),
    ("select id from c union select id from o", "id=c.id,o.id", "c.id:distinct o.id:distinct"),
    ("select id from o except select id from c", "id=o.id", "c.id:set operation o.id:set operation"),
    ("select customer_id, sum(amount) as total, count(*) as n, max(status) filter (where amount > 0) as last from o group by 1",
     "customer_id=o.customer_id total=o.amount:aggregated n= last=o.amount:aggregated,o.status:aggregated",
     "o.customer_id:group"),
    ("select x.total * 2 as double from (select sum(amount)::int as total from o) as x",
     "double=o.amount:aggregated", ""),
    ("select distinct status from o order by status limit 3", "status=o.status", "o.status:distinct,order with limit"),
    ("select distinct status from o limit 3", "status=o.status", "o.status:distinct"),
    ("select distinct on (customer_id) id from o order by customer_id, ordered_at desc",
     "id=o.id", "o.customer_id:distinct o.ordered_at:distinct"),
    ("select id from o order by amount limit 3", "id=o.id", "o.amount:order with limit"),
    ("select id, row_number() over (partition by customer_id order by ordered_at) as n from o qualify n = 1",
     "id=o.id n=o.customer_id:computed,o.ordered_at:computed", "o.customer_id:filter o.ordered_at:filter"),
    ("select id, sum(amount) over w as running from o window w as (partition by customer_id order by id)",
     "id=o.id running=o.amount:computed,o.customer_id:computed,o.id:computed", ""),
    ("select case when status = 'a' then amount end as v, coalesce(amount, 0) as w from o",
     "v=o.amount:computed,o.status:computed w=o.amount:computed", ""),
    ("select id, (select max(name) from c where c.id = o.customer_id) as name from o",
     "id=o.id name=c.id:computed,c.name:aggregated,o.customer_id:computed", ""),
    ("select id from o where customer_id in (select id from c where region = 'x')",
     "id=o.id", "c.id:filter c.region:filter o.customer_id:filter"),
    ("select id from o where exists (select 1 from c where c.id = o.customer_id)",
     "id=o.id", "c.id:filter o.customer_id:filter"),
    ("select o.id, l.n from o, lateral (select max(name) as n from c where c.id = o.customer_id) as l",
     "id=o.id n=c.name:aggregated", "c.id:filter o.customer_id:filter"),
    ("select id, unnest(tags) as tag from o", "id=o.id tag=o.tags:computed", "o.tags:unnest"),
    ("select o.id, t.tag from o, unnest(o.tags) as t(tag)", "id=o.id tag=o.tags:computed", "o.tags:join"),
    ("with recursive r as (select id, customer_id as up from o union all select o.id, r.up from o join r on o.customer_id = r.id)"
     " select up from r", "up=o.customer_id:renamed", "o.customer_id:join,set operation o.id:join,set operation"),
    ("unpivot (select id, name, region from c) on name, region into name k value v",
     "id=c.id k=c.name:computed,c.region:computed v=c.name:computed,c.region:computed", "c.name:group c.region:group"),
    ("unpivot (select id, name, region from c) on columns(* exclude (id)) into name k value v",
     "id=c.id k=c.name:computed,c.region:computed v=c.name:computed,c.region:computed", "c.name:group c.region:group"),
    ("select s.a from (select struct_pack(a := id, b := amount) as s from o)", "a=o.amount:computed,o.id:computed", ""),
    ("select coalesce(c.id, o.customer_id) as id from o full join c on c.id = o.customer_id",
     "id=c.id:computed,o.customer_id:computed", "c.id:join o.customer_id:join"),
    ("from o select Id, AMOUNT as Amount", "id=o.id Amount=o.amount", ""),
]  # fmt: skip


def placed(sql: str, quote: str) -> str:
    """Return SQL that names the relations as dbt does."""
    name = rf"{quote}db{quote}.{quote}main{quote}.{quote}\2{quote} as \2"
    return re.sub(r"\b(from|join) (o|c)\b", rf"\1 {name}", sql)


def answer(sql: str, folder: Path, adapter: str = "duckdb") -> tuple[str, str]:
    """Return columns and deciders of a query, written as in the table above."""
    files = ProjectFiles(adapter=adapter)
    parents = []
    for name, own in (("o", ORDERS), ("c", CUSTOMERS)):
        made = ", ".join(f"null as {column}" for column in own)
        uid = files.model(name, compiled_code=f"select {made}")
        upper = adapter == "snowflake"
        names = [column.upper() if upper else column for column in own]
        files.built(uid, **dict.fromkeys(names, "TEXT"))
        parents.append(uid)
    files.model("made", *parents, compiled_code=sql, raw_code=sql)
    folder = files.write(folder, catalog=True)
    project = load_project(folder)
    lineages = Lineages(project, read_code(folder / "manifest.json"))
    found = lineage_of(lineages, "model.shop.made")
    assert not found.reason
    assert found.complete

    def place(uid: str, column: str) -> str:
        return f"{uid.rpartition('.')[2]}.{column}"

    columns = " ".join(
        f"{column.name}=" + ",".join(
            place(edge.unique_id, edge.column) + (f":{edge.how}" if edge.how != "copied" else "")
            for edge in column.upstream
        )
        for column in found.columns
    )  # fmt: skip
    deciders = [f"{place(one.unique_id, one.column)}:{','.join(one.by)}" for one in found.deciders]
    return columns, " ".join(sorted(deciders))


@pytest.mark.parametrize(("sql", "columns", "deciders"), CASES)
def test_columns_and_deciders(sql: str, columns: str, deciders: str, tmp_path: Path) -> None:
    assert answer(placed(sql, '"'), tmp_path) == (columns, deciders)


@pytest.mark.parametrize(
    ("adapter", "sql", "columns"),
    [
        ("snowflake", 'select id, "AMOUNT", "AMOUNT" as "amount" from o',
         "ID=o.ID AMOUNT=o.AMOUNT amount=o.AMOUNT"),
        ("snowflake", "select o.id, f.value::text as tag from o, lateral flatten(input => o.tags) f",
         "ID=o.ID TAG=o.TAGS:computed"),
        ("bigquery", "select id, tag from o, unnest(tags) as tag", "id=o.id tag=o.tags:computed"),
        ("bigquery", "select * except (tags, status, ordered_at, amount) from o", "id=o.id customer_id=o.customer_id"),
        ("spark", "select id, tag from o lateral view explode(tags) t as tag", "id=o.id tag=o.tags:computed"),
        ("postgres", 'select ID, o."amount" as "Amount" from o', "id=o.id Amount=o.amount"),
        ("sqlserver", "select top 5 [id], amount as [my amount] from o", "id=o.id my amount=o.amount:renamed"),
    ],
)  # fmt: skip
def test_dialects(adapter: str, sql: str, columns: str, tmp_path: Path) -> None:
    quote = "`" if adapter in ("bigquery", "spark") else '"'
    assert answer(placed(sql, quote), tmp_path, adapter)[0] == columns
