"""What diff tells with a manifest at hand: who names the column, what was renamed, the safe way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]


@pytest.fixture
def compare(shop: ProjectFiles, ask: Ask, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Change the shop, compare it with what it was, and return the changes by name."""
    before = shop.write(tmp_path / "before")

    def call(after: ProjectFiles) -> dict[str, Any]:
        document = ask("diff", "--source", before, "--target", after.write(tmp_path / "after"))
        return {relation["name"]: relation for relation in document["relations"]}

    return call


Compare = Callable[..., dict[str, Any]]


def test_who_names_the_column(shop: ProjectFiles, compare: Compare) -> None:
    after = shop.copy()
    fact = after.manifest["nodes"]["model.shop.fct_orders"]
    fact["raw_code"] = "select order_id, amount as a from {{ ref('stg_orders') }}"
    after.built("model.shop.stg_orders", "VIEW", order_id="SMALLINT", total="DOUBLE")
    relation = compare(after)["stg_orders"]
    readers = {column["column"]: column["readers"] for column in relation["columns"]}
    assert readers["amount"] == ["model.shop.fct_orders"]
    tests = [uid for uid in readers["order_id"] if uid.startswith("test.")]
    assert len(tests) == 2
    assert readers["total"] == []


def test_metrics_and_exposures(shop: ProjectFiles, compare: Compare) -> None:
    after = shop.copy()
    semantic = after.manifest["semantic_models"]["semantic_model.shop.orders"]
    semantic["measures"] = [{"name": "revenue", "agg": "sum", "expr": "amount"}]
    metric = after.manifest["metrics"]["metric.shop.revenue"]
    metric["type_params"] = {"measure": {"name": "revenue"}}
    after.other("exposures", "direct", "model.shop.fct_orders")
    after.built("model.shop.fct_orders", order_id="INTEGER", late="BOOLEAN")
    column = compare(after)["fct_orders"]["columns"][0]
    assert (column["column"], column["change"]) == ("amount", "removed")
    assert column["readers"] == [
        "exposure.shop.direct",
        "metric.shop.revenue",
        "semantic_model.shop.orders",
    ]


def test_a_renamed_relation(shop: ProjectFiles, compare: Compare) -> None:
    after = shop.copy()
    text = "fct_order"
    nodes = after.manifest["nodes"]
    node = nodes.pop("model.shop.fct_orders")
    uid = f"model.shop.{text}"
    nodes[uid] = {**node, "unique_id": uid, "name": text}
    del after.catalog["nodes"]["model.shop.fct_orders"]
    after.built(uid, order_id="INTEGER", amount="DECIMAL(18,2)", late="BOOLEAN")
    changes = compare(after)
    assert list(changes) == ["fct_order"]
    renamed = changes["fct_order"]
    assert renamed["change"] == "renamed"
    assert renamed["renamed_from"] == "model.shop.fct_orders"
    assert renamed["breaking"] is True
    assert renamed["evidence"][0] == "3 of 3 columns are the same"


def test_other_columns_are_no_rename(shop: ProjectFiles, compare: Compare) -> None:
    after = shop.copy()
    del after.manifest["nodes"]["model.shop.fct_orders"]
    del after.catalog["nodes"]["model.shop.fct_orders"]
    new = after.model("fct_order", "model.shop.stg_orders")
    after.built(new, order_id="INTEGER", a="INT", b="INT")
    assert {c["change"] for c in compare(after).values()} == {"removed", "added"}


def test_safe_migrations(shop: ProjectFiles, compare: Compare) -> None:
    after = shop.copy()
    after.built("model.shop.fct_orders", order_id="SMALLINT", late="BOOLEAN")
    (migration,) = compare(after)["fct_orders"]["migrations"]
    assert migration["language"] == "sql"
    assert "amount,  -- DECIMAL(18,2)" in migration["code"]
    assert "cast(order_id as INTEGER) as order_id" in migration["code"]
    after.manifest["nodes"]["model.shop.fct_orders"]["contract"] = {"enforced": True}
    relation = compare(after)["fct_orders"]
    assert relation["promise"]["has_contract"] is True
    (migration,) = relation["migrations"]
    model = yaml.safe_load(migration["code"])["models"][0]
    assert model["latest_version"] == 2
    assert [version["v"] for version in model["versions"]] == [1, 2]
    assert str(model["versions"][0]["deprecation_date"]) == "2026-06-13"


def test_declared_source(files: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    files.built(files.source("raw", "orders", ["id"]), id="INT", late="INT")
    document = ask("diff", "--declared", "--manifest", files.write(tmp_path))
    (source,) = yaml.safe_load(document["relations"][0]["migrations"][0]["code"])["sources"]
    assert source == {"name": "raw", "tables": [{"name": "orders", "columns": [{"name": "late"}]}]}


def test_declared(shop: ProjectFiles, ask: Ask, run: Any, tmp_path: Path) -> None:
    nodes = shop.manifest["nodes"]
    nodes["model.shop.stg_orders"]["columns"]["order_id"]["data_type"] = "varchar"
    nodes["model.shop.stg_orders"]["columns"]["ORDER_ID"] = {"name": "gone"}
    folder = shop.write(tmp_path)
    document = ask("diff", "--declared", "--manifest", folder)
    told = {
        (relation["name"], column["column"], column["change"], column["effect"])
        for relation in document["relations"]
        for column in relation["columns"]
    }
    assert told == {
        ("fct_orders", "late", "added", "additive"),
        ("stg_orders", "gone", "removed", "incompatible"),
        ("stg_orders", "order_id", "retyped", "incompatible"),
    }
    (fact, staging) = sorted(document["relations"], key=lambda one: one["name"])
    code = fact["migrations"][0]["code"]
    assert yaml.safe_load(code) == {
        "models": [{"name": "fct_orders", "columns": [{"name": "late"}]}]
    }
    code = staging["migrations"][0]["code"]
    assert code.startswith('# take out "gone"\n')
    column = {"name": "order_id", "data_type": "INTEGER"}
    assert yaml.safe_load(code)["models"][0]["columns"] == [column]
    assert run("diff", "--declared", "--source", folder, "--manifest", folder).exit_code == 2
    assert run("diff", "--source", folder).exit_code == 2


def test_environments(
    shop: ProjectFiles, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(tmp_path / "state" / "prod")
    toml = "[tool.analytics_tools.environments]\nprod = 'state/prod'\n"
    (tmp_path / "pyproject.toml").write_text(toml)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    words = ("diff", "--source", "prod", "--target")
    assert "No difference" in run(*words, tmp_path / "state" / "prod").stdout
    unknown = run(*words, "staging")
    assert unknown.exit_code == 2
    assert "environments are prod" in unknown.stderr


def test_markdown(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    before = shop.write(tmp_path / "a")
    shop.built("model.shop.fct_orders", order_id="SMALLINT", late="BOOLEAN")
    after = shop.write(tmp_path / "b")
    text = run("diff", "--source", before, "--target", after, "--format", "markdown").stdout
    assert "| `order_id` | retyped `INTEGER` → `SMALLINT` | **narrowing** |" in text
    assert "<details><summary>Safely: " in text
