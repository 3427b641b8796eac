"""What the project promises of its own files, read from its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ANALYTICS, Warehouse


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    return json.loads((warehouse.target / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = manifest["nodes"].values()
    return [n for n in nodes if n["resource_type"] == "model" and n["package_name"] == "analytics"]


def test_each_model_has_its_yaml_beside_it(models: list[dict[str, Any]]) -> None:
    for model in models:
        beside = (ANALYTICS / model["original_file_path"]).with_suffix(".yml")
        assert beside.is_file(), beside


def test_each_model_and_column_is_described(
    models: list[dict[str, Any]], warehouse: Warehouse
) -> None:
    for model in models:
        assert model["description"], model["name"]
        assert model["config"]["meta"]["grain"], model["name"]
        built = warehouse.query(
            "select column_name from information_schema.columns "
            f"where table_schema = '{model['schema']}' and table_name = '{model['name']}'"
        )
        described = {name for name, column in model["columns"].items() if column["description"]}
        assert described == {name for (name,) in built}, model["name"]


def test_each_source_column_is_described(manifest: dict[str, Any], warehouse: Warehouse) -> None:
    for source in manifest["sources"].values():
        landed = warehouse.query(
            f"describe from raw('{source['source_name']}', '{source['name']}')"
        )
        described = {name for name, column in source["columns"].items() if column["description"]}
        assert described == {row[0] for row in landed}, source["name"]
        assert source["freshness"]["warn_after"]["count"], source["name"]


def test_each_mart_has_an_enforced_contract(models: list[dict[str, Any]]) -> None:
    marts = [model for model in models if "/marts/" in f"/{model['original_file_path']}"]
    assert len(marts) >= 8
    assert all(model["contract"]["enforced"] for model in marts)


def test_layers_flow_one_way(models: list[dict[str, Any]]) -> None:
    """Only staging reads sources, and nothing reads a layer above its own."""
    order = ["staging", "utilities", "intermediate", "marts"]
    layer = {model["unique_id"]: order.index(model["fqn"][1]) for model in models}
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            if parent.startswith("source."):
                assert model["fqn"][1] == "staging", model["name"]
            else:
                assert layer[parent] <= layer[model["unique_id"]], (model["name"], parent)


def test_each_macro_is_documented(manifest: dict[str, Any]) -> None:
    for macro in manifest["macros"].values():
        if macro["package_name"] != "analytics" or "__" in macro["name"]:
            continue
        assert macro["description"], macro["name"]
        assert "Example:" in macro["description"] or macro["name"] == "generate_schema_name"
        signature = Path(ANALYTICS / macro["original_file_path"]).read_text().split("(")[1]
        if not signature.startswith(")"):
            assert macro["arguments"], macro["name"]


def test_each_folder_explains_itself() -> None:
    for folder in (
        "",
        "models/staging",
        "models/intermediate",
        "models/marts",
        "seeds",
        "snapshots",
    ):
        assert (ANALYTICS / folder / "README.md").is_file(), folder


def test_no_file_names_an_engine_in_a_model() -> None:
    for model in (ANALYTICS / "models").rglob("*.sql"):
        assert "target.type" not in model.read_text(), model
