"""More rules: where each speaks, and where it must keep silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Found = Callable[..., dict[str, Any]]


@pytest.fixture
def found(ask: Callable[..., Any], tmp_path: Path) -> Found:
    """Score a project; return a model's deductions by rule."""

    def score(files: ProjectFiles, name: str) -> dict[str, Any]:
        document = ask("score", "--manifest", files.write(tmp_path), "--model", name)
        return {one["rule"]: one for one in document["models"][0]["deductions"]}

    return score


def test_grain(files: ProjectFiles, found: Found) -> None:
    files.model("dim_a", folder="marts", description="Data about all sorts of things")
    assert found(files, "dim_a")["DOC004"]["points"] == 3
    files.model("dim_b", folder="marts", description="One row per customer")
    files.model("dim_c", folder="marts", config={"meta": {"grain": "customer"}})
    files.key(files.model("dim_d", folder="marts", description="Data about things"), "id")
    assert not any("DOC004" in found(files, f"dim_{x}") for x in "bcd")


def test_sources_are_described_and_watched(files: ProjectFiles, found: Found) -> None:
    raw = files.source("raw", "a")
    files.model("stg_a", raw, folder="staging")
    assert {"DOC005", "TST006"} <= found(files, "stg_a").keys()
    files.manifest["sources"][raw].update(
        source_description="The shop's tables", freshness={"error_after": {"count": 1}}
    )
    assert not {"DOC005", "TST006"} & found(files, "stg_a").keys()
    files.manifest["sources"][raw]["freshness"] = None
    files.manifest["sources"][files.source("other", "b")]["loaded_at_field"] = "at"
    assert "TST006" not in found(files, "stg_a")  # other sources are watched, this one isn't meant


def test_copied_description(files: ProjectFiles, found: Found) -> None:
    text = "Everything there is to know about orders"
    files.model("fct_a", folder="marts", description=text)
    files.model("fct_b", folder="marts", description=text)
    assert found(files, "fct_a")["DOC006"]["evidence"]["nodes"] == ["model.shop.fct_b"]
    files.model("stg_a", folder="staging", description=text)
    assert "DOC006" not in found(files, "stg_a")


def test_declared_types(files: ProjectFiles, found: Found) -> None:
    model = files.model("a", columns=["id", "at"])
    columns = files.manifest["nodes"][model]["columns"]
    columns["id"]["data_type"], columns["at"]["data_type"] = "varchar", "timestamp"
    files.built(model, ID="BIGINT", AT="TIMESTAMP")
    assert found(files, "a")["DOC007"]["evidence"]["columns"] == ["id"]


def test_metrics_and_entities(files: ProjectFiles, found: Found) -> None:
    model = files.model("fct_a", folder="marts")
    entity = {"name": "line", "type": "primary", "expr": "line_id"}
    semantic = files.other("semantic_models", "lines", model, entities=[entity])
    files.other("metrics", "revenue", semantic, type="simple", description="")
    assert found(files, "fct_a")["DOC008"]["points"] == 1
    assert "TST010" not in found(files, "fct_a")  # no key at all: TST001 tells
    files.key(model, "order_id")
    assert found(files, "fct_a")["TST010"]["evidence"]["columns"] == ["line_id"]
    files.key(model, "line_id")
    assert "TST010" not in found(files, "fct_a")


WORDS = "select case when a > 9 then 'gold' when a > 5 then 'silver' end as tier from x"


def test_fixed_words(files: ProjectFiles, found: Found) -> None:
    model = files.model("dim_a", folder="marts", columns=["tier"], raw_code=WORDS)
    assert found(files, "dim_a")["TST005"]["evidence"]["columns"] == ["tier"]
    files.test("accepted_values", model, "tier", values=["gold", "silver"])
    assert "TST005" not in found(files, "dim_a")
    files.model("int_a", folder="intermediate", columns=["tier"], raw_code=WORDS)
    assert "TST005" not in found(files, "int_a")


def results(folder: Path, name: str, schema: str, entries: list[dict[str, Any]]) -> None:
    head = {"dbt_schema_version": f"https://schemas.getdbt.com/dbt/{schema}.json"}
    document = {"metadata": head, "args": {"which": "build"}, "results": entries}
    (folder / name).write_text(json.dumps(document))


def test_last_run_and_freshness(shop: ProjectFiles, ask: Any, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    unique = next(uid for uid in shop.manifest["nodes"] if ".unique_model.shop.fct" in uid
                  or "unique_fct" in uid)  # fmt: skip

    def deductions() -> dict[tuple[str, str], int]:
        models = ask("score", "--manifest", folder)["models"]
        return {(m["name"], d["rule"]): d["points"] for m in models for d in m["deductions"]}

    results(folder, "run_results.json", "run-results/v6",
            [{"unique_id": unique, "status": "fail", "failures": 3}])  # fmt: skip
    late = {"unique_id": "source.shop.raw.orders", "status": "error"}
    results(folder, "sources.json", "sources/v3", [late])
    assert deductions()["fct_orders", "TST008"] == 6
    assert deductions()["stg_orders", "TST007"] == 4
    page = ask("docs", "--manifest", folder, "--model", "raw.orders")
    assert page["freshness"] == "error"
    results(folder, "run_results.json", "run-results/v6",
            [{"unique_id": "model.shop.fct_orders", "status": "error"}])  # fmt: skip
    results(folder, "sources.json", "sources/v3", [{**late, "status": "pass"}])
    assert deductions()["fct_orders", "TST008"] == 10
    assert ("stg_orders", "TST007") not in deductions()


def test_soft_key_tests(files: ProjectFiles, found: Found) -> None:
    model = files.model("a")
    test = files.test("unique", model, "id")
    assert "TST009" not in found(files, "a")
    files.manifest["nodes"][test]["config"] = {"severity": "warn"}
    assert found(files, "a")["TST009"]["points"] == 4
    files.test("unique", model, "other_id")
    assert "TST009" not in found(files, "a")


def staged(files: ProjectFiles, code: str, **keys: Any) -> str:
    one, two = files.source("raw", "a"), files.model("stg_b", folder="staging")
    return files.model("stg_a", one, two, folder="staging", raw_code=code, **keys)


JOIN = "select a.* from {{ source('raw', 'a') }} as a join {{ ref('stg_b') }} as b on a.id = b.id"
ARRAYS = "select a.*, x from {{ source('raw', 'a') }} as a, unnest(a.xs) as u(x) -- join"
LATEST = (
    "select * from {{ source('raw', 'a') }} where at = (select max(at) from {{ ref('stg_b') }})"
)
SUMS = "select id, sum(x) as x from {{ source('raw', 'a') }} group by 1"
WINDOW = "select id, sum(x) over (partition by id) as x from {{ source('raw', 'a') }}"


def test_staging_shape(found: Found) -> None:
    for code, rule in ((JOIN, "CNV006"), (SUMS, "CNV007")):
        files = ProjectFiles()
        staged(files, code)
        assert found(files, "stg_a")[rule]["points"] == 3, code
    for code in (ARRAYS, LATEST, WINDOW):
        files = ProjectFiles()
        staged(files, code)
        assert not {"CNV006", "CNV007"} & found(files, "stg_a").keys(), code
    files = ProjectFiles()
    staged(files, "select {% if x %} join {% endif %} sum(y) group by")  # can't be read
    assert not {"CNV006", "CNV007"} & found(files, "stg_a").keys()


def test_shape_is_read_from_what_was_compiled(found: Found) -> None:
    files = ProjectFiles()
    compiled = "select a.* from db.raw.a as a join db.main.stg_b as b on a.id = b.id"
    staged(files, "{{ join_all() }} join", compiled_code=compiled)
    assert "CNV006" in found(files, "stg_a")


def test_joining_is_some_projects_way(files: ProjectFiles, found: Found) -> None:
    staged(files, JOIN)
    for number in range(4):
        files.model(f"stg_x{number}", folder="staging", raw_code=JOIN)
    assert "CNV006" not in found(files, "stg_a")


STARS = {
    "select * from {{ ref('x') }}": True,
    "with a as (select * from {{ ref('x') }}) select * from a": True,
    "with a as (select * from {{ ref('x') }}), final as (select id from a) select * from final": False,
    "with a as (select * from {{ ref('x') }}), final as (select a.*, 1 as y from a) "
    "select * from final": True,
    "select id, count(*) as n from {{ ref('x') }} group by 1": False,
}


@pytest.mark.parametrize("code", STARS)
def test_star_of_a_public_model(code: str, files: ProjectFiles, found: Found) -> None:
    files.model("a", access="public", raw_code=code)
    assert ("CNV008" in found(files, "a")) is STARS[code]
    files.model("b", access="public", raw_code=code, contract={"enforced": True})
    files.model("c", raw_code=code)
    assert not any("CNV008" in found(files, name) for name in "bc")


def test_names(files: ProjectFiles, found: Found) -> None:
    model = files.model("dim_a", folder="marts", columns=["id", "Net Amount", "address.city"])
    assert found(files, "dim_a")["CNV009"]["evidence"]["columns"] == ["Net Amount"]
    files.built(model, id="INT")
    files.model("stg_a", folder="staging", columns=["Net Amount"])
    assert "CNV009" not in found(files, "stg_a")


def test_twins(files: ProjectFiles, found: Found) -> None:
    code = (
        "select id, name, amount, currency, created_at, updated_at from {{ ref('x') }} where id > 0"
    )
    base = files.model("x")
    one, two = files.model("a", base, raw_code=code), files.model("b", base, raw_code=code)
    assert found(files, "a")["CNV010"]["evidence"]["nodes"] == [two]
    files.manifest["nodes"][one]["raw_code"] = files.manifest["nodes"][two]["raw_code"] = (
        code + " and '{{ this.name }}' = 'x'"
    )
    assert "CNV010" not in found(files, "a")


def test_dead_models_and_columns(files: ProjectFiles, found: Found) -> None:
    step = files.model("int_a", files.model("stg_a", folder="staging"), folder="intermediate")
    assert "medium" in found(files, "int_a")["CNV011"]["message"]
    mart = files.model("dim_a", step, folder="marts", compiled_code="select id, used from int_a")
    assert "CNV011" not in found(files, "int_a")
    files.built(step, id="INT", used="INT", unused="INT")
    assert "CNV012" not in found(files, "int_a")  # the mart's columns aren't known
    files.built(mart, id="INT", u="INT")
    assert found(files, "int_a")["CNV012"]["evidence"]["columns"] == ["unused"]
    files.built(mart, id="INT", UNUSED="INT", unused="INT")
    assert "CNV012" not in found(files, "int_a")


def test_personal_data(files: ProjectFiles, found: Found) -> None:
    def columns(name: str, **keys: Any) -> dict[str, Any]:
        files.model(name, folder="marts", columns=["email", "phone"], **keys.pop("node", {}))
        node = files.manifest["nodes"][f"model.shop.{name}"]
        node["columns"]["email"].update(keys)
        return found(files, name)

    assert not {"GOV004", "GOV005"} & columns("dim_a").keys()  # nothing is marked anywhere
    marked = columns("dim_b", meta={"contains_pii": True})
    assert marked["GOV004"]["evidence"]["columns"] == ["email"]
    assert marked["GOV005"]["evidence"]["columns"] == ["phone"]
    assert "GOV004" not in columns("dim_c", meta={"contains_pii": True, "masked": True})
    assert "GOV004" not in columns("dim_d", meta={"contains_pii": False})
    hashed = {"raw_code": "select {{ mask_pii('email') }} as email from x"}
    assert "GOV004" not in columns("dim_e", tags=["PII"], node=hashed)
    assert "GOV004" in columns("dim_f", tags=["PII"])


def test_old_versions(files: ProjectFiles, found: Found) -> None:
    files.model("a", version=1, latest_version=2)
    files.model("b", version=3, latest_version=2)
    files.model("c", version=1, latest_version=2, deprecation_date="2026-12-31")
    assert "GOV006" in found(files, "a")
    assert not any("GOV006" in found(files, name) for name in ("b", "c"))


def test_owners(files: ProjectFiles, found: Found) -> None:
    owned = {"meta": {"owner": "Ada"}}
    for number in range(5):
        files.model(f"dim_{number}", folder="marts", config=owned)
    model = files.model("dim_x", folder="marts")
    assert found(files, "dim_x")["GOV008"]["points"] == 2
    files.other("exposures", "board", model)
    assert found(files, "dim_x")["GOV007"]["evidence"]["nodes"] == ["exposure.shop.board"]


def test_fan_out_parents_and_sorting(files: ProjectFiles, found: Found) -> None:
    heavy = files.model("a", materialized="view", raw_code="select x from t group by x order by x")
    parents = [files.model(f"p{n}", heavy) for n in range(13)]
    assert found(files, "a")["PRF004"]["points"] == 3
    assert found(files, "a")["PRF009"]["points"] == 2
    files.model("b", *parents)
    files.model("c", *parents, raw_code="select 1 union all select 2")
    assert "PRF010" in found(files, "b")
    assert "PRF010" not in found(files, "c")
    files.model("d", materialized="view", raw_code="select x from t order by x limit 3")
    files.model("e", materialized="view", raw_code="select sum(x) over (order by x) from t")
    assert not any("PRF009" in found(files, name) for name in "de")


def test_incremental_details(files: ProjectFiles, found: Found) -> None:
    asks = (
        "select 1 {% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}"
    )
    idle = "select 1 {% if is_incremental() %} where at is not null {% endif %}"

    def model(name: str, code: str = asks, **config: Any) -> str:
        return files.model(name, materialized="incremental", raw_code=code, config=config)

    model("a", idle, unique_key="id")
    assert {"PRF005", "PRF006"} <= found(files, "a").keys()
    model("b", unique_key="id", on_schema_change="fail")
    assert not {"PRF005", "PRF006"} & found(files, "b").keys()
    grain = model("c", unique_key="order_id")
    names = ["order_id", "line"]
    files.test("dbt_utils.unique_combination_of_columns", grain, combination_of_columns=names)
    assert found(files, "c")["PRF007"]["points"] == 5
    files.manifest["nodes"][grain]["config"]["unique_key"] = names
    assert found(files, "c")["PRF008"]["points"] == 2
    assert "PRF007" not in found(files, "c")
    files.test("not_null", grain, "order_id")
    files.test("not_null", grain, "line")
    assert "PRF008" not in found(files, "c")
