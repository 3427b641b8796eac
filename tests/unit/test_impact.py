"""Everything downstream, by every name a node answers to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics_tools.cli import main
from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]


def test_source_to_exposure(shop: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    document = ask("impact", "--manifest", shop.write(tmp_path), "--model", "raw.orders")
    assert document["counts"] == {
        "exposure": 1,
        "metric": 1,
        "saved_query": 1,
        "semantic_model": 1,
        "model": 2,
        "unit_test": 1,
        "test": 4,
    }
    touched = {one["unique_id"]: one for one in document["touched"]}
    board = touched["exposure.shop.board"]
    assert board["depth"] == 5
    assert board["path"] == [
        "source.shop.raw.orders",
        "model.shop.stg_orders",
        "model.shop.fct_orders",
        "semantic_model.shop.orders",
        "metric.shop.revenue",
        "exposure.shop.board",
    ]
    assert document["contacts"][0] == {
        "owner": "Ada <ada@example.com>",
        "of": ["exposure.shop.board"],
    }
    assert {"owner": "Finance", "of": ["model.shop.fct_orders"]} in document["contacts"]
    assert set(document["names"]) >= {uid for one in touched.values() for uid in one["path"]}


def test_metrics_before_semantic_models(ask: Ask, tmp_path: Path) -> None:
    files = ProjectFiles(schema=6, dbt_version="1.2.0")
    model = files.model("a")
    metric = files.other("metrics", "m", model, type="count")
    files.other("exposures", "e", metric)
    document = ask("impact", "--manifest", files.write(tmp_path), "--model", "a")
    assert [one["name"] for one in document["touched"]] == ["e", "m"]


@pytest.mark.parametrize(
    "params",
    [
        {"measure": {"name": "amount"}},
        {"metric_aggregation_params": {"semantic_model": "orders"}},
        {"numerator": {"name": "revenue"}},
        {"metrics": [{"name": "revenue"}]},
    ],
)
def test_metric_that_lists_no_dependency(
    params: dict[str, Any], shop: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    shop.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"] = [
        {"name": "amount", "agg": "sum"}
    ]
    shop.other("metrics", "late", type="derived", type_params=params)
    document = ask("impact", "--manifest", shop.write(tmp_path), "--model", "fct_orders")
    assert "metric.shop.late" in {one["unique_id"] for one in document["touched"]}


def test_versions(files: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    one = files.model("a", version=1, latest_version=2)
    two = files.model("a", version=2, latest_version=2)
    files.model("reader1", one)
    files.model("reader2", two)
    folder = files.write(tmp_path)
    for name, start in (("a", two), ("a.v2", two), ("a.v1", one), (one, one), ("shop.a.v1", one)):
        document = ask("impact", "--manifest", folder, "--model", name)
        assert document["unique_id"] == start
        assert document["counts"] == {"model": 1}


def test_groups_answer_for_models(shop: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    shop.manifest["groups"]["group.shop.fin"] = {
        "name": "fin",
        "package_name": "shop",
        "owner": {"name": "Finance", "email": ["a@x.io", "b@x.io"]},
    }
    shop.model("late", "model.shop.fct_orders", group="fin")
    document = ask("impact", "--manifest", shop.write(tmp_path), "--model", "fct_orders")
    owners = {one["owner"] for one in document["contacts"]}
    assert "fin (Finance <a@x.io, b@x.io>)" in owners


def test_nothing_downstream(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    files.model("a")
    result = run("impact", "--manifest", files.write(tmp_path), "--model", "a")
    assert result.stdout == "a: nothing is downstream of this model.\n"


def test_a_cycle_ends(files: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    files.model("a", "model.shop.b")
    files.model("b", "model.shop.a")
    folder = files.write(tmp_path)
    assert ask("impact", "--manifest", folder, "--model", "a")["counts"] == {"model": 1}
    assert len(ask("score", "--manifest", folder)["models"]) == 2


def test_text(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    text = run("impact", "--manifest", shop.write(tmp_path), "--model", "stg_orders").stdout
    assert "Who to tell" in text
    assert "Ada <ada@example.com>" in text
    assert "through fct_orders → semantic model orders → metric revenue" in text


def test_control_characters_forge_nothing(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    model = files.model("a")
    files.model("evil\x1b[2J\nerror: none", model)
    text = run("impact", "--manifest", files.write(tmp_path), "--model", "a").stdout
    assert "\x1b" not in text
    assert "\nerror" not in text


def test_the_text_says_what_building_it_anew_takes(shop: ProjectFiles, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    took = {"model.shop.stg_orders": 1.5, "model.shop.fct_orders": 2.25}
    results = [
        {"unique_id": uid, "status": "success", "execution_time": seconds, "timing": []}
        for uid, seconds in took.items()
    ]
    document = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
        "results": results,
    }
    (folder / "run_results.json").write_text(json.dumps(document))
    words = ["impact", "--manifest", str(folder), "--model", "stg_orders"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "in all 3.8 s 2 nodes timed by the last run" in lines
    assert "slowest path 3.8 s stg_orders → fct_orders" in lines
