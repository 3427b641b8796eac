"""Each rule: where it speaks, and where it must keep silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles


@pytest.fixture
def found(ask: Callable[..., Any], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Score a project; return a model's deductions by rule."""

    def score(files: ProjectFiles, name: str) -> dict[str, Any]:
        document = ask("score", "--manifest", files.write(tmp_path), "--model", name)
        return {one["rule"]: one for one in document["models"][0]["deductions"]}

    return score


Found = Callable[..., dict[str, Any]]


def test_description(files: ProjectFiles, found: Found) -> None:
    for number, text in enumerate((None, "", "  ", "TODO")):
        files.model(f"bare{number}", description=text)
        assert found(files, f"bare{number}")["DOC001"]["points"] == 12
    assert "DOC001" in found(files, files.model("bare", description="bare."))
    assert "DOC001" not in found(files, files.model("told", description="One row a day"))


def test_columns_are_named(files: ProjectFiles, found: Found) -> None:
    model = files.model("a", columns={"id": "The key of it", "bare": "", "other": "Some text here"})
    deduction = found(files, "a")["DOC002"]
    assert (deduction["points"], deduction["evidence"]["columns"]) == (6, ["bare"])
    files.built(model, ID="INT", BARE="INT", OTHER="INT", EXTRA="INT")
    deduction = found(files, "a")["DOC002"]
    assert deduction["points"] == 9  # 2 of 4, of 18 points
    assert deduction["evidence"]["columns"] == ["bare", "EXTRA"] or set(
        deduction["evidence"]["columns"]
    ) == {"BARE", "EXTRA"}
    assert "1 of them not in YAML" in deduction["message"]


def test_columns_gone(files: ProjectFiles, found: Found) -> None:
    model = files.model("a", columns=["id", "gone", "address.city"])
    assert "DOC003" not in found(files, "a")
    files.built(model, ID="INT", ADDRESS="STRUCT")
    deduction = found(files, "a")["DOC003"]
    assert (deduction["points"], deduction["evidence"]["columns"]) == (2, ["gone"])


PROOFS: dict[str, list[tuple[str, str | None, dict[str, Any]]]] = {
    "unique and not null": [("unique", "id", {}), ("not_null", "id", {})],
    "in capitals": [("unique", '"ID"', {}), ("not_null", "id", {})],
    "combination": [
        ("dbt_utils.unique_combination_of_columns", None, {"combination_of_columns": ["a", "b"]})
    ],
    "nested arguments": [
        (
            "dbt_utils.unique_combination_of_columns",
            None,
            {"arguments": {"combination_of_columns": ["a", "b"]}},
        )
    ],
    "expectations": [
        ("dbt_expectations.expect_compound_columns_to_be_unique", None, {"column_list": ["a", "b"]})
    ],
    "constraint package": [("dbt_constraints.primary_key", None, {"column_name": "id"})],
}


@pytest.mark.parametrize("name", PROOFS)
def test_key_proven(name: str, files: ProjectFiles, found: Found) -> None:
    model = files.model("a", columns=["id"])
    for kind, column, arguments in PROOFS[name]:
        files.test(kind, model, column, **arguments)
    assert "TST001" not in found(files, "a")


def test_key_half_proven(files: ProjectFiles, found: Found) -> None:
    files.test("unique", files.model("half"), "id")
    assert found(files, "half")["TST001"]["points"] == 10
    files.test("not_null", files.model("filled"), "id")
    files.model("wanted", config={"unique_key": ["a", "b"]})
    assert found(files, "filled")["TST001"]["points"] == 25
    assert found(files, "wanted")["TST001"]["evidence"]["columns"] == ["a", "b"]
    files.model("inlined", materialized="ephemeral")
    assert "TST001" not in found(files, "inlined")


@pytest.mark.parametrize(("adapter", "points"), [("duckdb", 0), ("snowflake", 10)])
def test_key_constraint(adapter: str, points: int, found: Found) -> None:
    files = ProjectFiles(adapter=adapter)
    keys = {
        "contract": {"enforced": True},
        "constraints": [{"type": "primary_key", "columns": ["id"]}],
    }
    files.model("a", **keys)
    assert found(files, "a").get("TST001", {"points": 0})["points"] == points
    files.model("b", **{**keys, "contract": {"enforced": False}})
    assert found(files, "b")["TST001"]["points"] == 25


def test_old_manifests_tell_the_model_by_its_argument(found: Found) -> None:
    files = ProjectFiles(schema=4, dbt_version="1.0.0")
    one, two = files.model("one"), files.model("two")
    test = files.test("relationships", one, "two_id", to="ref('two')", field="id")
    node = files.manifest["nodes"][test]
    del node["attached_node"]
    node["depends_on"]["nodes"] = [two, one]
    node["test_metadata"]["kwargs"]["model"] = "{{ get_where_subquery(ref('one')) }}"
    assert "TST002" not in found(files, "one")
    assert "TST002" in found(files, "two")


def test_foreign_keys(files: ProjectFiles, found: Found) -> None:
    home = files.model("dim_customers", folder="marts", columns=["customer_id"])
    files.key(home, "customer_id")
    columns = ["order_id", "customer_id", "external_id"]
    fact = files.model("fct_orders", home, folder="marts", columns=columns)
    files.key(fact, "order_id")
    deduction = found(files, "fct_orders")["TST003"]
    assert deduction["evidence"]["columns"] == ["customer_id"]
    assert deduction["evidence"]["nodes"] == [home]
    files.test("relationships", fact, "customer_id", to="ref('dim_customers')", field="customer_id")
    assert "TST003" not in found(files, "fct_orders")
    files.model("int_orders", home, folder="intermediate", columns=columns)
    assert "TST003" not in found(files, "int_orders")


BRANCHING = "select case when a then 1 when b then 2 when c then 3 end from {{ ref('x') }}"


def test_branches(files: ProjectFiles, found: Found) -> None:
    model = files.model("a", raw_code=BRANCHING)
    assert found(files, "a")["TST004"]["points"] == 5
    files.other("unit_tests", "t", model, model="a")
    assert "TST004" not in found(files, "a")
    files.model("b", raw_code="-- when when when\nselect 'when when when' as x")
    assert "TST004" not in found(files, "b")
    old = ProjectFiles(dbt_version="1.7.4", schema=11)
    old.model("a", raw_code=BRANCHING)
    assert "TST004" not in found(old, "a")


def test_name_and_folder(files: ProjectFiles, found: Found) -> None:
    files.model("dim_x", folder="staging")
    assert found(files, "dim_x")["CNV001"]["points"] == 5
    for number in range(8):
        files.model(f"stg_{number}", folder="staging/raw")
    files.model("odd", folder="staging/raw")
    assert found(files, "odd")["CNV001"]["points"] == 3
    files.model("int_helper", folder="marts/finance/intermediate")
    assert "CNV001" not in found(files, "int_helper")
    files.model("fct_x", folder="silver")
    assert "CNV001" not in found(files, "fct_x")


def test_names_without_prefix_are_a_convention_too(files: ProjectFiles, found: Found) -> None:
    for name in ("orders", "customers", "payments", "stg_refunds", "items"):
        files.model(name, folder="staging")
    assert "CNV001" not in found(files, "orders")


def test_staging_reads_one_source(files: ProjectFiles, found: Found) -> None:
    one, two = files.source("raw", "a"), files.source("raw", "b")
    files.model("stg_a", one, folder="staging")
    files.model("stg_both", one, two, folder="staging")
    mart = files.model("dim_a", folder="marts")
    files.model("stg_late", mart, folder="staging")
    assert "CNV002" not in found(files, "stg_a")
    assert found(files, "stg_both")["CNV002"]["points"] == 3
    assert found(files, "stg_late")["CNV002"]["evidence"]["nodes"] == [mart]


def test_staging_for_each_mart_is_a_convention_too(files: ProjectFiles, found: Found) -> None:
    for number in range(4):
        mart = files.model(f"core_{number}", folder=f"core{number}/final")
        files.model(f"area{number}__stg_core", mart, folder=f"area{number}/staging")
    assert "CNV002" not in found(files, "area1__stg_core")


def test_marts_read_no_source(files: ProjectFiles, found: Found) -> None:
    raw = files.source("raw", "a")
    files.model("dim_a", raw, folder="marts")
    assert "CNV003" not in found(files, "dim_a")  # no staging anywhere: another convention
    files.model("stg_a", raw, folder="staging")
    assert found(files, "dim_a")["CNV003"]["evidence"]["nodes"] == [raw]
    files.model("silver_a", raw, folder="silver")
    assert "CNV003" not in found(files, "silver_a")


def test_exposures_read_marts(files: ProjectFiles, found: Found) -> None:
    staging = files.model("stg_a", folder="staging")
    exposure = files.other("exposures", "board", staging, owner={"name": "Ada"})
    assert found(files, "stg_a")["CNV004"]["evidence"]["nodes"] == [exposure]


def test_hard_coded_relation(files: ProjectFiles, found: Found) -> None:
    files.model(
        "a", raw_code="-- a comment\nselect *\nfrom raw.orders o join {{ ref('x') }} x on 1"
    )
    deduction = found(files, "a")["CNV005"]
    assert deduction["points"] == 4
    assert deduction["evidence"]["line"] == 3
    assert "raw.orders (line 3)" in deduction["message"]


def test_public_models(files: ProjectFiles, found: Found) -> None:
    files.model("a", access="public")
    assert {"GOV001", "GOV002"} <= found(files, "a").keys()
    files.model("b", access="public", contract={"enforced": True}, group="finance")
    assert not {"GOV001", "GOV002"} & found(files, "b").keys()
    files.model("c", access="protected")
    assert not {"GOV001", "GOV002"} & found(files, "c").keys()


def test_deprecation(files: ProjectFiles, found: Found) -> None:
    old = files.model("old", deprecation_date="2026-01-01T00:00:00")
    assert found(files, "old")["GOV003"]["points"] == 3
    reader = files.model("reader", old)
    assert found(files, "old")["GOV003"]["evidence"]["nodes"] == [reader]
    files.model("later", deprecation_date="2026-12-31")
    assert "GOV003" not in found(files, "later")


def test_incremental(files: ProjectFiles, found: Found) -> None:
    def model(name: str, code: str = "select 1", **config: Any) -> dict[str, Any]:
        macros = config.pop("macros", ["macro.dbt.other"])
        files.model(
            name,
            materialized="incremental",
            config=config,
            raw_code=code,
            depends_on={"macros": macros, "nodes": [files.source("raw", "events")]},
        )
        return found(files, name)

    asks = "select 1 {% if is_incremental() %} where 1 {% endif %}"
    assert {"PRF001", "PRF002"} <= model("a").keys()
    assert not {"PRF001", "PRF002"} & model("b", asks, unique_key="id").keys()
    assert "PRF001" not in model("c", asks, incremental_strategy="append")
    assert not {"PRF001", "PRF002"} & model("d", incremental_strategy="microbatch").keys()
    files.manifest["macros"]["macro.shop.filter"] = {
        "name": "filter",
        "depends_on": {"macros": ["macro.dbt.is_incremental"]},
    }
    assert "PRF002" not in model("e", unique_key="id", macros=["macro.shop.filter"])
    assert "PRF002" not in model("f", unique_key="id", macros=[])  # dbt v2 may list none


def test_view_chains(files: ProjectFiles, found: Found) -> None:
    chain = [files.model("v0", materialized="view")]
    for number in range(1, 6):
        chain.append(files.model(f"v{number}", chain[-1], materialized="view"))
    assert "PRF003" not in found(files, "v3")
    assert found(files, "v4")["PRF003"]["evidence"]["nodes"] == chain[:5]
    files.manifest["nodes"][chain[2]]["config"]["materialized"] = "table"
    assert "PRF003" not in found(files, "v4")


def test_steps_are_judged_where_they_lead_to(files: ProjectFiles, found: Found) -> None:
    raw = files.source("raw", "a")
    step = files.model("stg_a_tmp", raw, folder="staging/tmp", materialized="view")
    files.built(step, "VIEW", id="INT")
    files.model("stg_a", step, folder="staging")
    assert not {"TST001", "TST002", "DOC002"} & found(files, "stg_a_tmp").keys()
    files.model("dim_a", step, folder="marts")
    assert {"TST001", "TST002", "DOC002"} <= found(files, "stg_a_tmp").keys()
