"""`changes` and `lineage` on made-up projects: keys, kinds of change, breaks, the semantic layer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.test_json_reference import documented, keys_in

Ask = Callable[..., Any]
STG = 'select id as order_id, amount, upper(status) as status from "db"."main"."raw"'
FCT = 'select *, amount * 2 as twice from "db"."main"."stg_orders" where status is not null'


def test_a_cast_without_an_alias_has_another_name_on_duckdb(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    head = code(base, "stg_orders", STG.replace("amount,", "amount::decimal(6, 4),"))
    broken = {one["unique_id"] for one in compare(base, head, ask, tmp_path)["breaks"]}
    assert "model.shop.fct_orders" in broken
    head = code(base, "stg_orders", STG.replace("amount,", "(amount),"))
    assert compare(base, head, ask, tmp_path)["rebuild"] == []


@pytest.mark.parametrize("asks", ["", "-- {{ run_started_at }}", "-- {{ var('day') }}"])
def test_an_ephemeral_model_is_part_of_who_reads_it(asks: str, ask: Ask, tmp_path: Path) -> None:
    sides = []
    for number, name in ((1, "a"), (2, "b")):
        files = ProjectFiles()
        sql = f"select {number} as id, 2 as amount"
        inner = files.model("inner", compiled_code=sql, raw_code=sql, materialized="ephemeral")
        files.model(
            "outer", inner, raw_code=f"select * from {{{{ ref('inner') }}}} {asks}",
            compiled_code=f"with __dbt__cte__inner as ({sql}) select * from __dbt__cte__inner",
        )  # fmt: skip
        sides.append(files.write(tmp_path / name))
    document = ask("changes", "--base", sides[0], "--head", sides[1])
    assert document["rebuild"] == ["model.shop.outer"]
    assert all(
        "a var, the environment" not in why for node in document["nodes"] for why in node["because"]
    )


def test_a_metric_moves_with_the_time_it_is_aggregated_by(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    semantic = base.manifest["semantic_models"]["semantic_model.shop.orders"]
    semantic["dimensions"] = [{"name": "day", "type": "time", "expr": "twice"},
                              {"name": "state", "type": "categorical", "expr": "status"}]  # fmt: skip
    semantic["measures"][0]["agg_time_dimension"] = "day"
    for column, moved in (("amount * 2", "values"), ("status as status", None)):
        head = code(base, "fct_orders", FCT.replace("*,", "* exclude (status), upper(status) as status,")
                    if moved is None else FCT.replace(column, "amount * 3"))  # fmt: skip
        nodes = {
            one["unique_id"]: one["change"] for one in compare(base, head, ask, tmp_path)["nodes"]
        }
        assert nodes.get("metric.shop.revenue") == moved


@pytest.fixture
def base() -> ProjectFiles:
    files = ProjectFiles()
    raw = files.model("raw", compiled_code="select 1 as id, 2 as amount, 'x' as status")
    stg = files.model("stg_orders", raw, compiled_code=STG, raw_code=STG)
    fct = files.model("fct_orders", stg, compiled_code=FCT, raw_code=FCT)
    files.test("not_null", stg, "amount")
    semantic = files.other(
        "semantic_models", "orders", fct,
        entities=[{"name": "order", "type": "primary", "expr": "order_id"}],
        measures=[{"name": "total", "agg": "sum", "expr": "amount"}],
    )  # fmt: skip
    files.other(
        "metrics", "revenue", semantic, type="simple", type_params={"measure": {"name": "total"}}
    )
    files.other("metrics", "double", "metric.shop.revenue", type="derived",
                type_params={"metrics": [{"name": "revenue"}], "expr": "revenue * 2"})  # fmt: skip
    return files


def code(files: ProjectFiles, name: str, sql: str) -> ProjectFiles:
    """Return a copy of a project in which one model has other SQL."""
    changed = files.copy()
    changed.manifest["nodes"][f"model.shop.{name}"].update(compiled_code=sql, raw_code=sql)
    return changed


def compare(base: ProjectFiles, head: ProjectFiles, ask: Ask, tmp_path: Path) -> Any:
    return ask(
        "changes", "--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b")
    )


@pytest.mark.parametrize(
    ("reader", "changed"),
    [("select to_json(s) as j from {stg} as s", True), ("select order_id, amount as paid from {stg}", False),
     ("select * from (unpivot {stg} on amount into name m value v)", True)],
)  # fmt: skip
def test_a_name_in_other_letters_is_data_where_names_are_written_out(
    reader: str, changed: bool, base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    sql = reader.format(stg='"db"."main"."stg_orders"')
    base.model("reader", "model.shop.stg_orders", compiled_code=sql, raw_code=sql)
    head = code(base, "stg_orders", STG.replace("amount", 'amount as "Amount"', 1))
    document = compare(base, head, ask, tmp_path)
    assert ("model.shop.reader" in document["rebuild"]) is changed


@pytest.mark.parametrize("adapter", ["duckdb", "postgres", "snowflake"])
def test_bare_names_in_other_letters_are_the_same_names(
    adapter: str, base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    base.manifest["metadata"]["adapter_type"] = adapter
    head = code(base, "stg_orders", STG.replace("amount", "AMOUNT", 1))
    assert compare(base, head, ask, tmp_path)["rebuild"] == []


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("select * exclude (amount) from {stg}", True),
        ("select * replace (amount * 2 as amount) from {stg}", True),
        ("select * rename (amount as paid) from {stg}", True),
        ("select * exclude (status) from {stg}", False),
        ("select name, val from (unpivot {stg} on columns(* exclude (order_id)) into name name value val)", False),
        ("select a from (select unnest(struct_pack(a := order_id)) from {stg})", False),
        ("select a from (select unnest(s) from (select struct_pack(a := order_id) as s from {stg}))", False),
    ],
)  # fmt: skip
def test_a_star_that_names_a_column_that_is_gone(
    sql: str, broken: bool, base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    sql = sql.format(stg='"db"."main"."stg_orders"')
    base.model("reader", "model.shop.stg_orders", compiled_code=sql, raw_code=sql)
    head = code(base, "stg_orders", STG.replace(" amount,", ""))
    breaks = compare(base, head, ask, tmp_path)["breaks"]
    assert [(one["column"], one["certain"]) for one in breaks if one["name"] == "reader"] == (
        [("amount", True)] if broken else []
    )


@pytest.mark.parametrize(
    ("on", "column", "said"),
    [("a.id = o.order_id", "amount", True), ("a.id = o.order_id", "o.amount", False),
     ("a.id = o.order_id", "o.amount as amount", False)],
)  # fmt: skip
def test_a_name_that_a_new_column_makes_ambiguous(
    on: str, column: str, said: bool, base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    aside = base.model("aside", compiled_code="select 1 as id")
    sql = (
        f'select {column} from "db"."main"."stg_orders" as o join "db"."main"."aside" as a on {on} '
        "order by amount"
    )
    base.model("reader", "model.shop.stg_orders", aside, compiled_code=sql, raw_code=sql)
    head = code(base, "aside", "select 1 as id, 2 as amount")
    found = compare(base, head, ask, tmp_path)["breaks"]
    assert [(one["name"], one["column"], one["certain"]) for one in found] == (
        [("reader", "amount", True)] if said else []
    )


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        ("status, order_id, count(*) as n from {stg} group by 1", ["order_id"]),
        ("amount, status, sum(amount) as n from {stg} group by status", ["amount"]),
        ("upper(status) as status, count(*) as n from {stg} group by status", []),
        ("coalesce(status, 'x') as s, count(*) over () as n from {stg} group by coalesce(status, 'x')", []),
        ("status, amount, count(*) as n from {stg} group by all", []),
    ],
)  # fmt: skip
def test_a_column_that_is_not_grouped_by(
    after: str, lost: list[str], base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    stg = '"db"."main"."stg_orders"'
    sql = f"select status, count(*) as n from {stg} group by 1"
    base.model("reader", "model.shop.stg_orders", compiled_code=sql, raw_code=sql)
    head = code(base, "reader", f"select {after.format(stg=stg)}")
    found = compare(base, head, ask, tmp_path)["breaks"]
    assert [one["column"] for one in found if one["certain"]] == lost


def test_nothing_for_looks(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    head = code(base, "fct_orders", FCT.replace("select", "SELECT -- why\n").replace("*, ", "*,\n"))
    document = compare(base, head, ask, tmp_path)
    assert document["rebuild"] == []
    assert [node["change"] for node in document["nodes"]] == ["cosmetic"]


def test_a_rename_through_a_star_leaves_an_entity_without_column(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    head = code(base, "stg_orders", STG.replace("order_id", "id_of_order"))
    document = compare(base, head, ask, tmp_path)
    broken = {(one["unique_id"], one["column"]) for one in document["breaks"]}
    assert broken == {("semantic_model.shop.orders", "order_id")}


def test_a_measure_moves_every_metric_on_it(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    head = base.copy()
    measure = head.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"][0]
    measure["expr"] = "twice"
    document = compare(base, head, ask, tmp_path)
    changes = {node["unique_id"]: node["change"] for node in document["nodes"]}
    assert changes["semantic_model.shop.orders"] == "fields"
    assert changes["metric.shop.revenue"] == changes["metric.shop.double"] == "values"
    assert document["rebuild"] == []


@pytest.fixture
def filtered(base: ProjectFiles) -> ProjectFiles:
    """A metric of orders that are paid, one made of it, and a saved query by region."""
    orders = base.manifest["semantic_models"]["semantic_model.shop.orders"]
    orders["dimensions"] = [
        {"name": "state", "type": "categorical", "expr": "status"},
        {"name": "region", "type": "categorical", "expr": "amount"},
    ]
    base.other(  # has a state as well, which nobody means
        "semantic_models", "carriers", "model.shop.stg_orders",
        entities=[{"name": "carrier", "type": "primary", "expr": "order_id"}],
        dimensions=[{"name": "state", "type": "categorical", "expr": "order_id"}],
    )  # fmt: skip
    revenue = base.manifest["metrics"]["metric.shop.revenue"]
    where = "{{ Dimension('order__state') }} = 'PAID' and {{ Dimension(\"order__region\") }} > 0"
    revenue["filter"] = {"where_filters": [{"where_sql_template": where}]}
    base.other(
        "saved_queries", "by_region", "metric.shop.revenue",
        query_params={"metrics": ["revenue"], "group_by": ["Dimension('order__region')"]},
    )  # fmt: skip
    return base


@pytest.mark.parametrize(
    ("gone", "broken"),
    [
        ("state", {"metric.shop.revenue", "metric.shop.double", "saved_query.shop.by_region"}),
        ("region", {"metric.shop.revenue", "metric.shop.double", "saved_query.shop.by_region"}),
        ("", set()),
    ],
)
def test_a_dimension_that_a_filter_names_is_needed(
    filtered: ProjectFiles, ask: Ask, tmp_path: Path, gone: str, broken: set[str]
) -> None:
    head = filtered.copy()
    orders = head.manifest["semantic_models"]["semantic_model.shop.orders"]
    orders["dimensions"] = [one for one in orders["dimensions"] if one["name"] != gone]
    document = compare(filtered, head, ask, tmp_path)
    assert {one["unique_id"] for one in document["breaks"]} == broken
    for one in document["breaks"]:
        assert one["column"] == {"state": "status", "region": "amount"}[gone]
        assert one["upstream"] == "model.shop.fct_orders"
        assert one["certain"]


def test_a_dimension_renamed_with_the_filters_that_name_it(
    filtered: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    text = json.dumps(filtered.manifest).replace("order__state", "order__status_of_it")
    head = filtered.copy()
    head.manifest = json.loads(text.replace('"name": "state"', '"name": "status_of_it"'))
    assert compare(filtered, head, ask, tmp_path)["breaks"] == []


def test_a_dropped_column_breaks_test_and_measure(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    head = code(base, "stg_orders", STG.replace(" amount,", ""))
    document = compare(base, head, ask, tmp_path)
    assert document["breaks"][0]["unique_id"] == "model.shop.fct_orders"
    assert document["breaks"][0]["upstream"] == "model.shop.stg_orders"
    assert document["breaks"][0]["hits"] == ["metric.shop.revenue", "metric.shop.double"]
    kinds = {one["kind"] for one in document["breaks"]}
    assert kinds == {"model", "test"}


def test_ephemeral_staging_loses_nothing(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    inner = f"with __dbt__cte__stg_orders as ({STG}) "
    head = code(
        base,
        "fct_orders",
        inner + FCT.replace('"db"."main"."stg_orders"', "__dbt__cte__stg_orders"),
    )
    head.manifest["nodes"]["model.shop.fct_orders"]["raw_code"] = FCT
    head.manifest["nodes"]["model.shop.stg_orders"]["config"]["materialized"] = "ephemeral"
    document = compare(base, head, ask, tmp_path)
    assert document["breaks"] == []
    assert document["rebuild"] == []


def test_another_schema_is_no_change(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    head = base.copy()
    for node in head.manifest["nodes"].values():
        for key in ("relation_name", "compiled_code", "schema"):
            if key in node:
                node[key] = node[key].replace('"main"', '"pr_7"').replace("main", "pr_7")
    document = compare(base, head, ask, tmp_path)
    assert document["rebuild"] == []
    assert document["nodes"] == []


def test_what_only_an_incremental_run_does_may_differ(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    """Compiled in full, both are the same; the next run of head takes other rows."""
    block = "{% if is_incremental() %} and twice > (select max(twice) from {{ this }}) {% endif %}"
    fct = base.manifest["nodes"]["model.shop.fct_orders"]
    fct["config"]["materialized"] = "incremental"
    fct["raw_code"] = FCT + block
    head = base.copy()
    node = head.manifest["nodes"]["model.shop.fct_orders"]
    config = "{{\n    config(on_schema_change='ignore')\n}}\n"
    node["raw_code"] = config + "-- why\n" + FCT + block.replace(" and", "\n and")
    assert compare(base, head, ask, tmp_path)["rebuild"] == []
    node["raw_code"] = FCT + block.replace(">", ">=")
    document = compare(base, head, ask, tmp_path)
    assert document["rebuild"] == ["model.shop.fct_orders"]
    assert "incremental run" in document["nodes"][0]["because"][0]


def test_what_a_later_run_does_otherwise_may_differ(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    """Settings that a build from nothing doesn't show, and the runs after it do."""
    nodes = base.manifest["nodes"]
    stg, fct = nodes["model.shop.stg_orders"]["config"], nodes["model.shop.fct_orders"]["config"]
    base.model(
        "last", "model.shop.fct_orders", compiled_code='select * from "db"."main"."fct_orders"'
    )

    def rebuilt(config: dict[str, Any], **settings: Any) -> list[str]:
        head = base.copy()
        uid = next(uid for uid, node in nodes.items() if node["config"] is config)
        head.manifest["nodes"][uid]["config"].update(settings)
        return list(compare(base, head, ask, tmp_path)["rebuild"])

    downstream = ["model.shop.fct_orders", "model.shop.last"]
    assert rebuilt(fct, materialized="view") == ["model.shop.fct_orders"]
    assert rebuilt(fct, materialized="incremental") == downstream
    fct.update(materialized="incremental", incremental_strategy="microbatch", batch_size="day")
    assert rebuilt(fct, batch_size="month") == downstream
    assert rebuilt(stg, event_time="ordered_at") == downstream
    fct["incremental_strategy"] = "merge"
    assert rebuilt(stg, event_time="ordered_at") == []


def test_what_cannot_be_read_may_differ(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    head = code(base, "stg_orders", "select from where (")
    document = compare(base, head, ask, tmp_path)
    assert document["rebuild"] == ["model.shop.stg_orders", "model.shop.fct_orders"]
    assert "model.shop.stg_orders" in document["unread"]


def test_what_nobody_compiled_may_differ(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    before = base.copy()
    for node in before.manifest["nodes"].values():
        node["compiled_code"] = None
    before.manifest["metadata"]["generated_at"] = "2026-01-01T00:00:00Z"
    before.manifest["nodes"]["model.shop.stg_orders"]["raw_code"] = (
        "select id from {{ ref('raw') }} where amount > {{ var('least') }}"
    )
    after = before.copy()
    assert compare(before, after, ask, tmp_path / "itself")["nodes"] == []
    after.manifest["metadata"]["generated_at"] = "2026-01-02T00:00:00Z"
    document = compare(before, after, ask, tmp_path / "again")
    assert "model.shop.stg_orders" in document["rebuild"]
    assert "compile" in document["nodes"][0]["because"][0]


def test_keys(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    head = code(base, "stg_orders", STG.replace(" amount,", ""))
    head.model("odd", compiled_code="select from (")
    document = compare(base, head, ask, tmp_path)
    promised = documented("Every document") | documented("changes")
    assert _open(keys_in(document)) == promised
    folder = base.write(tmp_path / "c")
    words = ("--manifest", folder, "--model", "fct_orders", "--column", "twice")
    found = _open(keys_in(ask("lineage", *words)))
    every = _open(keys_in(ask("lineage", "--manifest", base.write(tmp_path / "d"))))
    assert found | every | {"unread.<unique_id>"} >= documented("lineage")


def _open(keys: set[str]) -> set[str]:
    return {"unread.<unique_id>" if key.startswith("unread") else key for key in keys}


def test_a_broken_cache_is_no_cache(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    folder = base.write(tmp_path / "a")
    first = ask("lineage", "--manifest", folder)
    (folder / "analytics_tools_lineage.bin").write_bytes(b"half of it")
    assert ask("lineage", "--manifest", folder) == first
    data = (folder / "analytics_tools_lineage.bin").read_bytes()
    (folder / "analytics_tools_lineage.bin").write_bytes(data[:-40])
    assert ask("lineage", "--manifest", folder) == first
