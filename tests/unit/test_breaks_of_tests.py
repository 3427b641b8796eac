"""Which data tests and unit tests `changes` tells to break, and what an ephemeral model breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
Asked = Callable[[ProjectFiles], list[tuple[str, str, str, bool]]]
STG = 'select id as order_id, amount, status from "db"."main"."raw"'
FCT = 'select order_id, amount * 2 as twice, status from "db"."main"."stg_orders"'
ROW = {"order_id": 1, "amount": 2, "status": "x"}


@pytest.fixture
def base() -> ProjectFiles:
    """Raw rows, a model called like the end of another one, and a model with a unit test."""
    files = ProjectFiles()
    sql = "select 1 as id, 2 as amount, 'x' as status"
    raw = files.model("raw", compiled_code=sql, raw_code=sql)
    sql = 'select id as order_id from "db"."main"."raw"'
    orders = files.model("orders", raw, compiled_code=sql, raw_code=sql)
    stg = files.model("stg_orders", raw, compiled_code=STG, raw_code=STG)
    sql = FCT + ' where order_id in (select order_id from "db"."main"."orders")'
    fct = files.model("fct_orders", stg, orders, compiled_code=sql, raw_code=sql)
    unit(files, fct, given("ref('stg_orders')", ROW), given("ref('orders')", {"order_id": 1}))
    return files


@pytest.fixture
def broken(base: ProjectFiles, ask: Ask, tmp_path: Path) -> Asked:
    """What breaks between `base` and another project, shortly."""

    def found(head: ProjectFiles) -> list[tuple[str, str, str, bool]]:
        sides = base.write(tmp_path / "a"), head.write(tmp_path / "b")
        document = ask("changes", "--base", sides[0], "--head", sides[1])
        return [
            (one["unique_id"], one["column"], one["reason"], one["certain"])
            for one in document["breaks"]
        ]

    return found


def given(of: str, *rows: Any) -> dict[str, Any]:
    return {"input": of, "rows": list(rows)}


def unit(files: ProjectFiles, model: str, *inputs: Any, expect: Any = None) -> str:
    name = files.manifest["nodes"][model]["name"]
    rows = [expect or {"order_id": 1, "twice": 4}]
    return files.other("unit_tests", f"{name}.ut", model, model=name, given=list(inputs),
                       expect={"rows": rows})  # fmt: skip


def recode(files: ProjectFiles, name: str, was: str, is_: str) -> ProjectFiles:
    """Return a copy in which one node has other SQL."""
    head = files.copy()
    node = next(n for uid, n in head.manifest["nodes"].items() if name in uid.split("."))
    assert was in node["compiled_code"]
    node["compiled_code"] = node["compiled_code"].replace(was, is_)
    node["raw_code"] = node["compiled_code"]
    return head


UNIT = "unit_test.shop.fct_orders.ut"


@pytest.mark.parametrize(
    ("of", "told"),
    [
        ("ref('stg_orders')", False),
        ("ref('orders')", True),
        ('ref( "shop", "orders" )', True),
        ("ref('other', 'orders')", False),
        ("source('shop', 'orders')", False),
        ("this", False),
    ],
)
def test_an_input_is_the_node_it_names(
    base: ProjectFiles, broken: Asked, of: str, told: bool
) -> None:
    base.model("orders_too", compiled_code="select 1 as order_id, 'x' as status")
    recoded = recode(base, "orders", "id as order_id", "id as order_id, status")
    base.manifest = recoded.manifest
    base.manifest["unit_tests"][UNIT]["given"].append(given(of, {"status": "x"}))
    head = recode(base, "orders", ", status", "")
    assert ((UNIT, "status", "its rows name a column that is gone", True) in broken(head)) == told


def test_an_input_is_of_a_version(base: ProjectFiles, broken: Asked) -> None:
    for version in (1, 2):
        sql = f"select {version} as a, 3 as b"
        base.model("dim", version=version, latest_version=2, compiled_code=sql, raw_code=sql)
    node = base.manifest["unit_tests"][UNIT]
    wanted = (UNIT, "b", "its rows name a column that is gone", True)
    for of, version in (("ref('dim', v=1)", 1), ("ref('dim')", 2), ("ref('dim', version=2)", 2)):
        node["given"][2:] = [given(of, {"b": 1})]
        for changed in (1, 2):
            head = recode(base, f"v{changed}", ", 3 as b", "")
            head.manifest["unit_tests"][UNIT]["description"] = "why"
            head.manifest["nodes"]["model.shop.fct_orders"]["raw_code"] += " "
            head = recode(head, "fct_orders", "* 2", "* 3")
            assert (wanted in broken(head)) == (changed == version)


def test_a_column_that_rows_name_is_told_once(base: ProjectFiles, broken: Asked) -> None:
    base.manifest["unit_tests"][UNIT]["expect"]["rows"] = [{"order_id": 1, "status": "x"}]
    head = recode(base, "stg_orders", ", status", "")
    head = recode(head, "fct_orders", ", status", "")
    assert [one[:2] for one in broken(head)] == [(UNIT, "status")]


def test_the_unit_test_of_a_model_that_breaks(base: ProjectFiles, broken: Asked) -> None:
    below = base.model("below", "model.shop.fct_orders",
                       compiled_code='select order_id, twice from "db"."main"."fct_orders"')  # fmt: skip
    unit(base, below, given("ref('fct_orders')", {"order_id": 1, "twice": 4}))
    head = recode(base, "stg_orders", ", amount", "")
    why = "it reads the column amount, which nothing it reads has"
    assert broken(head) == [
        ("model.shop.fct_orders", "amount", why, True),
        (UNIT, "amount", f"the model it tests doesn't work: {why}", True),
    ]


def test_a_unit_test_that_gives_what_its_model_misses(base: ProjectFiles, broken: Asked) -> None:
    rows = base.manifest["unit_tests"][UNIT]["given"]
    rows[0]["rows"] = "select 1 as order_id, 2 as Amount, 'x' as status"
    head = recode(base, "stg_orders", ", amount", "")
    assert [one[0] for one in broken(head)] == ["model.shop.fct_orders"]


def test_a_unit_test_without_an_input(base: ProjectFiles, broken: Asked) -> None:
    head = recode(base, "fct_orders", "* 2", '+ (select max(id) from "db"."main"."raw")')
    node = head.manifest["nodes"]["model.shop.fct_orders"]
    node["depends_on"]["nodes"].append("model.shop.raw")
    why = "its model reads raw, which it has no input for"
    assert broken(head) == [(UNIT, "", why, True)]
    head.manifest["unit_tests"][UNIT]["given"].append(given("ref('raw')", {"id": 1}))
    assert broken(head) == []


def test_a_new_unit_test_names_what_its_model_lacks(base: ProjectFiles, broken: Asked) -> None:
    head = base.copy()
    head.manifest["unit_tests"][UNIT]["expect"]["rows"] = [{"thrice": 1}]
    assert broken(head) == [(UNIT, "thrice", "its rows name a column that isn't there", True)]


def test_rows_of_what_is_ephemeral_now(base: ProjectFiles, broken: Asked) -> None:
    head = base.copy()
    head.manifest["nodes"]["model.shop.orders"]["config"]["materialized"] = "ephemeral"
    why = "orders is ephemeral, so that its rows have to be SQL"
    assert (UNIT, "", why, False) in broken(head)


@pytest.fixture
def tested(base: ProjectFiles) -> str:
    """A compiled test of a model that nobody edits."""
    uid = base.test("row_sane", "model.shop.orders")
    sql = 'select * from "db"."main"."orders" where order_id is null'
    base.manifest["nodes"][uid].update(compiled_code=sql, raw_code="{{ test_row_sane() }}")
    return uid


def test_an_edited_test_reads_what_is_not_there(
    base: ProjectFiles, tested: str, broken: Asked
) -> None:
    head = recode(base, tested.split(".")[-1], "order_id", "order_key")
    why = "it reads the column order_key, which nothing it reads has"
    assert broken(head) == [(tested, "order_key", why, True)]
    assert broken(recode(base, tested.split(".")[-1], "order_id is", "ORDER_ID  is")) == []


@pytest.mark.parametrize(("asks", "told"), [("< 0", True), ("= 0", False), ("< '0'", False)])
def test_duckdb_does_not_order_text_and_numbers(
    base: ProjectFiles, broken: Asked, asks: str, told: bool
) -> None:
    uid = base.test("positive", "model.shop.raw", "amount")
    sql = f'select * from "db"."main"."raw" where amount {asks}'
    base.manifest["nodes"][uid].update(compiled_code=sql, raw_code="{{ test_positive() }}")
    del base.manifest["nodes"]["model.shop.fct_orders"]
    del base.manifest["unit_tests"][UNIT]
    head = recode(base, "raw", "2 as amount", "cast(2 as varchar) as amount")
    wanted = [(uid, "", f"compares a number with text: amount {asks}", True)]
    assert broken(head) == (wanted if told else [])


def test_a_new_test_of_a_source(base: ProjectFiles, broken: Asked) -> None:
    head = base.copy()
    for files in (base, head):
        files.source("erp", "known")
        files.source("erp", "unknown")
        files.built("source.shop.erp.known", sku="text")
    wanted = []
    for name in ("known", "unknown"):
        uid = head.test("not_null", f"source.shop.erp.{name}", "product_sku")
        sql = f'select product_sku from "db"."erp"."{name}" where product_sku is null'
        head.manifest["nodes"][uid].update(compiled_code=sql, raw_code="{{ test_not_null() }}")
        for files in (base, head):
            source = files.manifest["sources"][f"source.shop.erp.{name}"]
            source.update(database="db", schema="erp", relation_name=f'"db"."erp"."{name}"')
        wanted += [uid] if name == "known" else []
    assert [one[0] for one in broken(head)] == wanted


@pytest.mark.parametrize(("column", "count"), [("order_key", 1), ("order_id", 0), ("a + b", 0)])
def test_a_new_test_that_nobody_compiled(
    base: ProjectFiles, broken: Asked, column: str, count: int
) -> None:
    head = base.copy()
    head.test("not_null", "model.shop.orders", column)
    head.test("column_is_missing", "model.shop.orders", column)
    assert len(broken(head)) == count


def test_what_an_ephemeral_model_misses_breaks_who_reads_it(ask: Ask, tmp_path: Path) -> None:
    sides = []
    for side, columns in (("a", "1 as id, 2 as x"), ("b", "1 as id")):
        files = ProjectFiles()
        sql = f"select {columns}"
        raw = files.model("raw", compiled_code=sql, raw_code=sql)
        sql = 'select id, x from "db"."main"."raw"'
        inner = files.model("inner", raw, compiled_code=sql, raw_code=sql, materialized="ephemeral")
        cte = f"with __dbt__cte__inner as ({sql}) select id from __dbt__cte__inner"
        outer = files.model("outer", inner, compiled_code=cte, raw_code="select id from inner")
        files.model("last", outer, compiled_code='select id from "db"."main"."outer"')
        uid = files.test("not_null", inner, "id")
        files.manifest["nodes"][uid].update(compiled_code=cte + " where id is null", raw_code="t")
        sides.append(files.write(tmp_path / side))
    found = ask("changes", "--base", sides[0], "--head", sides[1])["breaks"]
    why = "through the ephemeral inner it reads the column x, which nothing it reads has"
    assert {(one["kind"], one["column"], one["reason"], one["upstream"]) for one in found} == {
        ("model", "x", why, "model.shop.raw"), ("test", "x", why, "model.shop.raw"),
    }  # fmt: skip
    assert len(found) == 2
    assert "model.shop.outer" in {one["unique_id"] for one in found}
