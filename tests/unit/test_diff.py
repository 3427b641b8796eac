"""What changed between two catalogs, its class, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]


@pytest.fixture
def differ(ask: Ask, tmp_path: Path) -> Callable[..., Any]:
    """Compare two made-up projects; return the document."""

    def compare(before: ProjectFiles, after: ProjectFiles, *words: str) -> Any:
        source, target = before.write(tmp_path / "a", True), after.write(tmp_path / "b", True)
        return ask("diff", "--source", source, "--target", target, *words)

    return compare


Differ = Callable[..., Any]
FACT = "model.shop.fct_orders"


def changes(document: Any) -> list[tuple[str, str, str, str]]:
    return [
        (relation["name"], column["column"], column["change"], column["effect"])
        for relation in document["relations"]
        for column in relation["columns"]
    ]


def test_nothing(shop: ProjectFiles, differ: Differ) -> None:
    document = differ(shop, shop)
    assert (document["relations"], document["breaking"], document["compared"]) == ([], 0, 2)


def test_columns(shop: ProjectFiles, differ: Differ) -> None:
    after = shop.copy()
    after.built(FACT, order_id="BIGINT", amount="DECIMAL(18,0)", note="VARCHAR")
    document = differ(shop, after)
    assert changes(document) == [
        ("fct_orders", "late", "removed", "incompatible"),
        ("fct_orders", "order_id", "retyped", "widening"),
        ("fct_orders", "amount", "retyped", "lossy"),
        ("fct_orders", "note", "added", "additive"),
    ]
    assert document["breaking"] == 2
    assert document["relations"][0]["readers"] == {
        "direct": ["semantic_model.shop.orders"],
        "downstream": ["exposure.shop.board", "metric.shop.revenue", "saved_query.shop.by_month"],
    }


def test_renamed_only_with_evidence(shop: ProjectFiles, differ: Differ) -> None:
    after = shop.copy()
    after.built(FACT, order_id="INTEGER", amount_usd="DECIMAL(18,2)", late="BOOLEAN")
    assert changes(differ(shop, after)) == [("fct_orders", "amount", "renamed", "incompatible")]
    after.built(FACT, order_id="INTEGER", total="DECIMAL(18,2)", late="BOOLEAN")
    assert [change[2] for change in changes(differ(shop, after))] == ["removed", "added"]
    after.manifest["nodes"][FACT]["compiled_code"] = "select amount as total from x"
    document = differ(shop, after)
    assert changes(document) == [("fct_orders", "amount", "renamed", "incompatible")]
    assert "the code says" in document["relations"][0]["columns"][0]["evidence"][0]


@pytest.mark.parametrize(("adapter", "effect"), [("duckdb", "physical"), ("snowflake", "unknown")])
def test_only_the_case(adapter: str, effect: str, differ: Differ) -> None:
    before = ProjectFiles(adapter=adapter)
    model = before.model("a")
    before.built(model, id="INTEGER")
    after = before.copy()
    after.built(model, ID="INTEGER")
    assert changes(differ(before, after)) == [("a", "id", "renamed", effect)]


def test_reordered(shop: ProjectFiles, differ: Differ) -> None:
    after = shop.copy()
    after.built(FACT, late="BOOLEAN", order_id="INTEGER", amount="DECIMAL(18,2)")
    document = differ(shop, after)
    assert changes(document) == [("fct_orders", "late", "reordered", "positional")]
    assert document["breaking"] == 0


def test_relations(shop: ProjectFiles, differ: Differ) -> None:
    after = shop.copy()
    del after.catalog["nodes"][FACT]
    after.built(after.model("fresh"), id="INTEGER")
    after.catalog["nodes"]["model.shop.stg_orders"]["metadata"]["type"] = "BASE TABLE"

    def told() -> dict[str, tuple[str, str | None]]:
        relations = differ(shop, after)["relations"]
        return {one["name"]: (one["change"], one["effect"]) for one in relations}

    assert told() == {
        "fct_orders": ("missing", "unknown"),
        "fresh": ("added", "additive"),
        "stg_orders": ("changed", "physical"),
    }
    del after.manifest["nodes"][FACT]
    assert told()["fct_orders"] == ("removed", "incompatible")


def test_catalogs_alone(shop: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    source, target = shop.write(tmp_path / "a"), shop.copy()
    target.built(FACT, order_id="FLOAT", amount="DECIMAL(18,2)")
    other = target.write(tmp_path / "b")
    for folder in (source, other):
        (folder / "manifest.json").unlink()
    document = ask("diff", "--source", source / "catalog.json", "--target", other)
    assert document["adapter"] == ""
    assert document["relations"][0]["readers"] == {"direct": [], "downstream": []}
    assert document["breaking"] == 2


@pytest.mark.parametrize(
    ("fail_on", "breaks", "code"),
    [("breaking", True, 1), ("breaking", False, 0), ("any", False, 1)],
)
def test_gate(
    fail_on: str, breaks: bool, code: int, shop: ProjectFiles, run: Any, tmp_path: Path
) -> None:
    after = shop.copy()
    after.built(FACT, **({"order_id": "INTEGER"} if breaks else {
        "order_id": "INTEGER", "amount": "DECIMAL(18,2)", "late": "BOOLEAN", "new": "INTEGER"
    }))  # fmt: skip
    source, target = shop.write(tmp_path / "a"), after.write(tmp_path / "b")
    result = run("diff", "--source", source, "--target", target, "--fail-on", fail_on)
    assert result.exit_code == code, result.output


def test_text(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    after = shop.copy()
    after.built(FACT, order_id="INTEGER", amount="DECIMAL(18,0)", late="BOOLEAN")
    source, target = shop.write(tmp_path / "a"), after.write(tmp_path / "b")
    text = run("diff", "--source", source, "--target", target).stdout
    assert "1 change may break a reader" in text
    assert "DECIMAL(18,2) → DECIMAL(18,0)  lossy" in text
    assert "exposure board" in text
