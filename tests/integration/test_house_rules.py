"""What the project promises of its own files, read from its manifest."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tests.conftest import ANALYTICS, Warehouse


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    return json.loads((warehouse.artifacts / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = manifest["nodes"].values()
    return [n for n in nodes if n["resource_type"] == "model" and n["package_name"] == "analytics"]


def test_each_model_has_its_yaml_beside_it(models: list[dict[str, Any]]) -> None:
    for model in models:
        path = ANALYTICS / model["original_file_path"]
        shared = path.parent / f"_{path.parent.name}.yml"  # a model's versions share one
        beside = shared if model["version"] else path.with_suffix(".yml")
        assert beside.is_file(), beside


def test_each_model_and_column_is_described(
    models: list[dict[str, Any]], warehouse: Warehouse
) -> None:
    for model in models:
        assert model["description"], model["name"]
        assert model["config"]["meta"]["grain"], model["name"]
        built = warehouse.query(
            "select column_name from information_schema.columns "
            f"where table_schema = '{model['schema']}' and table_name = '{model['alias']}'"
        )
        described = {name for name, column in model["columns"].items() if column["description"]}
        assert described == {name for (name,) in built}, model["name"]


def test_each_source_column_is_described(manifest: dict[str, Any], warehouse: Warehouse) -> None:
    for source in manifest["sources"].values():
        relation = (
            "dev_audit.dbt_run_log"
            if source["source_name"] == "dbt_audit"
            else f"raw('{source['source_name']}', '{source['name']}')"
        )
        landed = warehouse.query(f"describe from {relation}")
        described = {name for name, column in source["columns"].items() if column["description"]}
        assert described == {row[0] for row in landed}, source["name"]
    limits = [(s["freshness"] or {}).get("warn_after", {}) for s in manifest["sources"].values()]
    assert [limit["count"] for limit in limits if limit.get("count")] == [36] * 8


def test_each_mart_has_an_enforced_contract(models: list[dict[str, Any]]) -> None:
    marts = [model for model in models if "/marts/" in f"/{model['original_file_path']}"]
    assert len(marts) >= 8
    assert all(model["contract"]["enforced"] for model in marts)


def test_layers_flow_one_way(models: list[dict[str, Any]]) -> None:
    """Only staging reads sources, and nothing reads a layer above its own."""
    order = ["staging", "utilities", "seeds", "intermediate", "snapshots", "marts"]
    layer = {model["unique_id"]: order.index(model["fqn"][1]) for model in models}
    layer["seed.analytics.team_countries"] = order.index("seeds")
    for name in ("snap_crm__customers", "snap_orders__products"):
        layer[f"snapshot.analytics.{name}"] = order.index("snapshots")
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            if parent.startswith("source."):
                assert model["fqn"][1] == "staging", model["name"]
            else:
                assert layer[parent] <= layer[model["unique_id"]], (model["name"], parent)


def test_each_latest_version_is_one_and_the_same(models: list[dict[str, Any]]) -> None:
    """Two versions of one moment differ in some column, so every column has a say in which wins."""
    described = {model["name"]: set(model["columns"]) for model in models}
    chosen = [model for model in models if "latest_version(" in model["raw_code"]]
    assert len(chosen) > 15
    for model in chosen:
        tree = sqlglot.parse_one(model["compiled_code"], dialect="duckdb")
        ctes = {cte.alias: cte.this for cte in tree.ctes}
        read = next(ctes["latest"].find_all(exp.Table)).name
        columns = set(ctes[read].named_selects)
        if "*" in columns:
            columns = described[next(ctes[read].find_all(exp.Table)).name] - {"reject_reason"}
        window = next(ctes["latest"].find_all(exp.Window))
        ordered = {column.name for column in window.find_all(exp.Column)}
        assert columns == ordered, model["name"]


def test_each_macro_is_documented(manifest: dict[str, Any]) -> None:
    for macro in manifest["macros"].values():
        if macro["package_name"] != "analytics" or "__" in macro["name"]:
            continue
        if macro["name"].startswith("test_"):
            assert "-- One row where" in macro["macro_sql"], macro["name"]
            continue
        assert macro["description"], macro["name"]
        assert "Example:" in macro["description"] or macro["name"] == "generate_schema_name"
        takes = re.search(rf"macro {macro['name']}\((.*?)\) -?%", macro["macro_sql"]).group(1)
        takes = re.sub(r"\[.*?\]", "", takes)
        named = [argument["name"] for argument in macro["arguments"]]
        assert named == [word.split("=")[0].strip() for word in takes.split(",") if word]


def test_each_folder_explains_itself() -> None:
    """What belongs there, and what it may touch: in each folder that people add files to."""
    folders = [
        "",
        "macros",
        "tests",
        "seeds",
        "snapshots",
        "analyses",
        "models/staging",
        "models/intermediate",
    ]
    folders += ["models/marts", "models/utilities"]
    for layer in ("staging", "marts"):
        folders += [
            f"models/{layer}/{path.name}"
            for path in (ANALYTICS / "models" / layer).iterdir()
            if path.is_dir()
        ]
    assert len(folders) > 20
    for folder in folders:
        assert (ANALYTICS / folder / "README.md").is_file(), folder


def test_no_file_names_an_engine_in_a_model() -> None:
    for model in (ANALYTICS / "models").rglob("*.sql"):
        assert "target.type" not in model.read_text(), model


def test_each_unit_test_has_a_name_that_postgres_can_hold(manifest: dict[str, Any]) -> None:
    """dbt makes a table of it, and Postgres cuts names at 63 bytes."""
    assert [u["name"] for u in manifest["unit_tests"].values() if len(u["name"]) > 63] == []
