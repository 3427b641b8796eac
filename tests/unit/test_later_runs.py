"""Incremental models: what later runs do is rendered from the manifest, and compared as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.lineage.jinja import UndecidedError
from analytics_tools.lineage.later import Later
from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
UID = "model.shop.fct_orders"
NEWER = """{% macro newer(column, days=3) %}
{%- if not is_incremental() -%} 1 = 1
{%- elif model.resource_type == 'unit_test' -%} {{ column }} is not null
{%- else -%}
{%- set newest = get_single_value('select max(' ~ column ~ ') - ' ~ days ~ ' from ' ~ this) -%}
{{ column }} >= cast('{{ newest or '1900-01-01' }}' as timestamp)
{%- endif -%}
{% endmacro %}"""
RAW = """{{ config(materialized='incremental', unique_key='order_id') }}
select order_id, amount, status, loaded_at from {{ ref('stg_orders') }}
where {{ newer('loaded_at') }}
"""
FULL = 'select order_id, amount, status, loaded_at from "db"."main"."stg_orders" where 1 = 1'
STG = "select 1 as order_id, 2 as amount, 'x' as status, 3 as loaded_at, 4 as other"


def project(raw: str = RAW, macro: str = NEWER, full: str = FULL, stg: str = STG) -> ProjectFiles:
    files = ProjectFiles()
    above = files.model("stg_orders", compiled_code=stg, raw_code=stg)
    fct = files.model("fct_orders", above, compiled_code=full, raw_code=raw)
    files.manifest["nodes"][fct]["config"].update(
        materialized="incremental", unique_key="order_id", incremental_strategy="delete+insert"
    )
    sql = 'select order_id, amount from "db"."main"."fct_orders"'
    files.model("reader", fct, compiled_code=sql, raw_code=sql)
    files.manifest["nodes"][fct]["depends_on"]["macros"] = ["macro.shop.newer"]
    for name, text in (
        ("newer", macro),
        ("get_single_value", "{% macro get_single_value() %}{% endmacro %}"),
    ):
        files.manifest["macros"][f"macro.shop.{name}"] = {
            "unique_id": f"macro.shop.{name}", "name": name, "package_name": "shop",
            "macro_sql": text, "depends_on": {"macros": []},
        }  # fmt: skip
    return files


def changes(base: ProjectFiles, head: ProjectFiles, ask: Ask, tmp_path: Path) -> Any:
    return ask(
        "changes", "--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b")
    )


def rebuilt(head: ProjectFiles, ask: Ask, tmp_path: Path) -> set[str]:
    found = changes(project(), head, ask, tmp_path)["rebuild"]
    return {uid.removeprefix("model.shop.") for uid in found}


@pytest.mark.parametrize(
    ("what", "macro"),
    [
        ("a comment", NEWER.replace("{%- if not", "{# why #}{%- if not")),
        ("how a query is written that is asked before", NEWER.replace("max(", "MAX(")),
        ("in which letters a column is named", NEWER.replace("~ column ~", "~ column | upper ~")),
        ("what only unit tests see", NEWER.replace("is not null", "is null")),
    ],
)
def test_what_no_run_sees_is_no_change(what: str, macro: str, ask: Ask, tmp_path: Path) -> None:
    assert rebuilt(project(macro=macro), ask, tmp_path) == set(), what


@pytest.mark.parametrize(
    "macro",
    [
        NEWER.replace("days=3", "days=2"),
        NEWER.replace(">= cast", "> cast"),
        NEWER.replace("1900", "1970"),
        NEWER.replace("max(", "min("),
    ],
)
def test_other_rows_in_a_later_run_are_other_rows(macro: str, ask: Ask, tmp_path: Path) -> None:
    assert rebuilt(project(macro=macro), ask, tmp_path) == {"fct_orders", "reader"}


def test_a_column_otherwise_is_that_column_alone(ask: Ask, tmp_path: Path) -> None:
    """The rows of later runs are those they were, so who reads other columns is left alone."""
    head = project(RAW.replace("status,", "upper(status) as status,"),
                   full=FULL.replace("status,", "upper(status) as status,"))  # fmt: skip
    assert rebuilt(head, ask, tmp_path) == {"fct_orders"}


def test_a_column_that_the_next_run_asks_for_decides_its_rows(ask: Ask, tmp_path: Path) -> None:
    head = project(RAW.replace(" loaded_at from", " loaded_at - 1 as loaded_at from"),
                   full=FULL.replace(" loaded_at from", " loaded_at - 1 as loaded_at from"))  # fmt: skip
    assert rebuilt(head, ask, tmp_path) == {"fct_orders", "reader"}


def test_the_key_decides_which_rows_are_replaced(ask: Ask, tmp_path: Path) -> None:
    change = ("order_id,", "order_id % 10 as order_id,")
    head = project(RAW.replace(*change), full=FULL.replace(*change))
    assert rebuilt(head, ask, tmp_path) == {"fct_orders", "reader"}


def test_what_only_a_later_run_reads_is_read(ask: Ask, tmp_path: Path) -> None:
    """Full SQL says nothing of the column that the filter of a later run goes by."""
    raw = RAW.replace(", loaded_at from", " from").replace("'loaded_at'", "'other'")
    full = FULL.replace(", loaded_at from", " from")
    base = project(raw, full=full)
    head = project(raw, full=full, stg=STG.replace("4 as other", "5 as other"))
    found = changes(base, head, ask, tmp_path)
    assert UID in found["rebuild"]
    gone = project(raw, full=full, stg=STG.replace(", 4 as other", ""))
    found = changes(base, gone, ask, tmp_path)
    assert [(one["unique_id"], one["column"]) for one in found["breaks"]] == [(UID, "other")]
    assert found["breaks"][0]["reason"].startswith("in a later run")


WEIGHED = """with every as (
    select order_id, amount, status from {{ ref('stg_orders') }}
    {% if is_incremental() %} union all select order_id, amount, status from {{ this }} {% endif %}
), n as (
    select *, row_number() over (partition by order_id order by amount, status) as place from every
) select order_id, amount, status from n where place = 1"""


@pytest.mark.parametrize(
    ("type_", "is_seen"), [("int", False), ("varchar", False), ("double", True), ("", True)]
)
def test_of_its_own_table_a_run_finds_the_types(
    type_: str, is_seen: bool, ask: Ask, tmp_path: Path
) -> None:
    """Which of two rows is taken that are alike in all of it, a held one or a new one."""
    full = WEIGHED[: WEIGHED.index("{% if")] + WEIGHED[WEIGHED.index("{% endif %}") + 11 :]
    full = full.replace("{{ ref('stg_orders') }}", '"db"."main"."stg_orders"')
    columns = "order_id::int as order_id, amount as amount, status::varchar as status"
    amount = f"amount::{type_}" if type_ else "amount"
    stg = f"select {columns.replace('amount as', f'{amount} as')} from raw.orders"
    sides = [project(WEIGHED, full=full, stg=text)
             for text in (stg, stg.replace("select", "select distinct"))]  # fmt: skip
    assert (UID in changes(*sides, ask, tmp_path)["rebuild"]) is is_seen


def test_what_full_runs_make_alike_later_ones_may_not(ask: Ask, tmp_path: Path) -> None:
    """Rows that are distinct by themselves are no longer so beside those held."""
    body = """with every as (
        select order_id, count(*) as amount from {{ ref('stg_orders') }} group by order_id
        {% if is_incremental() %} union all select order_id, amount from {{ this }} {% endif %})
        select distinct order_id, amount from every"""
    full = body[: body.index("{% if")] + body[body.index("{% endif %}") + 11 :]
    full = full.replace("{{ ref('stg_orders') }}", '"db"."main"."stg_orders"')
    base = project(body, full=full)
    head = project(body.replace("distinct ", ""), full=full.replace("distinct ", ""))
    assert UID in changes(base, head, ask, tmp_path)["rebuild"]


def test_what_earlier_runs_left_need_not_fit_the_code_of_today(ask: Ask, tmp_path: Path) -> None:
    """That no fault was found tells of today's rows what was asked, of yesterday's nothing."""
    stg = "select 1 as order_id, raw.amount, case when raw.amount is null then 'x' end as fault"
    full = 'select order_id, amount, fault from "db"."main"."stg_orders"'
    asked = 'select order_id from "db"."main"."fct_orders" where fault is null'

    def sides(kind: str) -> list[ProjectFiles]:
        found = []
        for sql in (asked, asked + " and amount is not null"):
            files = project(full, full=full, stg=stg + ' from "db"."main"."raw" as raw')
            nodes = files.manifest["nodes"]
            nodes["model.shop.reader"] |= {"compiled_code": sql, "raw_code": sql}
            nodes[UID]["config"]["materialized"] = kind
            if kind == "snapshot":
                nodes[UID]["resource_type"] = kind
            found.append(files)
        return found

    assert changes(*sides("view"), ask, tmp_path)["rebuild"] == []
    assert changes(*sides("incremental"), ask, tmp_path)["rebuild"] == ["model.shop.reader"]
    assert changes(*sides("snapshot"), ask, tmp_path)["rebuild"] == ["model.shop.reader"]


def test_what_cannot_be_rendered_hangs_on_everything(ask: Ask, tmp_path: Path) -> None:
    loop = "{% for name in run_query('select 1').columns %}{{ name }}{% endfor %}"
    raw = RAW + "{% if is_incremental() %}" + loop + "{% endif %}"
    base = project(raw)
    assert changes(base, project("-- why\n" + raw), ask, tmp_path)["rebuild"] == []
    other = project(raw, stg=STG.replace("4 as other", "5 as other"))
    assert UID in changes(base, other, ask, tmp_path)["rebuild"]


def later(files: ProjectFiles, folder: Path) -> Later:
    path = files.write(folder)
    path = path / "manifest.json" if path.is_dir() else path
    return Later(load_project(path), read_code(path))


def test_both_ways_are_gone_where_only_the_warehouse_knows(tmp_path: Path) -> None:
    texts = later(project(), tmp_path).texts(UID)
    assert len(texts) == 2
    assert '"dbt node"."model.shop.stg_orders"' in texts[0]
    assert "unknown_" in texts[0]
    assert "'1900-01-01'" in texts[1]


@pytest.mark.parametrize(
    "code",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ref.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for a in range(99999) %}{{ ref('stg_orders') }}{{ var('x') }}{% endfor %}",
        "{% for a in range(10 ** 9) %}{% endfor %}",
        "{{ missing() }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{% for a in run_query('x') %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    ],
)
def test_code_gets_no_further_than_its_own_text(code: str, tmp_path: Path) -> None:
    files = project("{% if is_incremental() %}" + code + "{% endif %}")
    with pytest.raises(UndecidedError):
        later(files, tmp_path).texts(UID)


@pytest.mark.parametrize(("type_", "is_key"), [("int", True), ("varchar", False)])
def test_the_table_of_a_contract_has_the_keys_of_its_code(
    type_: str, is_key: bool, ask: Ask, tmp_path: Path
) -> None:
    """Of two whole numbers no type makes one: who takes each once takes all."""
    sides = []
    for what in ("select", "select distinct"):
        files = ProjectFiles()
        stg = "select x::bigint as a, max(y)::bigint as b from raw.t group by x::bigint"
        above = files.model("stg", compiled_code=stg, raw_code=stg)
        files.manifest["nodes"][above].update(
            contract={"enforced": True},
            columns={name: {"name": name, "data_type": type_} for name in "ab"},
        )
        files.manifest["nodes"][above]["config"].update(
            materialized="table", contract={"enforced": True}
        )
        sql = f'{what} a, b from "db"."main"."stg"'
        reader = files.model("reader", above, compiled_code=sql, raw_code=sql)
        files.manifest["nodes"][reader]["config"]["materialized"] = "table"
        sides.append(files)
    found = changes(sides[0], sides[1], ask, tmp_path)["rebuild"]
    assert ("model.shop.reader" in found) is not is_key
