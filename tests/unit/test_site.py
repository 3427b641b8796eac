"""The pages of a whole project: all there, linked, the same each time, and only written when new."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.unit.project_files import ProjectFiles


def pages(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*.md"))}


def test_every_link_leads_somewhere(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    other = shop.model("odd name/..\\|x", "model.shop.fct_orders", folder="marts/a b")
    shop.test("relationships", other, "order_id", to="ref('fct_orders')", field="order_id")
    uid = next(uid for uid in shop.manifest["nodes"] if "relationships" in uid)
    shop.manifest["nodes"][uid]["depends_on"]["nodes"].append("model.shop.fct_orders")
    out = tmp_path / "site"
    result = run("docs", "--manifest", shop.write(tmp_path / "target"), "--out", out)
    assert result.exit_code == 0, result.output
    found = pages(out)
    assert {"index.md", "metrics.md", "glossary.md", "owners.md", "relationships.md"} <= set(found)
    for path, text in found.items():
        for link in re.findall(r"\]\(([^)]+)\)", text):
            assert (out / path).parent.joinpath(unquote(link)).is_file(), (path, link)
    assert "erDiagram" in found["relationships.md"]
    assert "Finance" in found["owners.md"]
    assert "Money in" in found["metrics.md"]


def test_only_what_changed_is_written(
    shop: ProjectFiles, ask: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "site"
    first = ask("docs", "--manifest", shop.write(tmp_path / "a"), "--out", out)
    assert (first["unchanged"], first["removed"]) == (0, 0)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.md")}
    again = ask("docs", "--manifest", tmp_path / "a", "--out", out)
    assert (again["written"], again["unchanged"]) == (0, first["written"])
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.md")} == before
    (out / "mine.md").write_text("not ours")
    del shop.manifest["nodes"]["model.shop.fct_orders"]
    shop.manifest["nodes"]["model.shop.stg_orders"]["description"] = "Other words"
    third = ask("docs", "--manifest", shop.write(tmp_path / "b"), "--out", out)
    assert third["removed"] == 1
    assert not (out / "models" / "fct_orders.md").exists()
    assert (out / "mine.md").read_text() == "not ours"


def test_the_same_whatever_the_order(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    run("docs", "--manifest", shop.write(tmp_path / "a"), "--out", tmp_path / "one")
    for name, part in shop.manifest.items():
        if isinstance(part, dict) and name != "metadata":
            shop.manifest[name] = dict(reversed(part.items()))
    run("docs", "--manifest", shop.write(tmp_path / "b"), "--out", tmp_path / "two")
    assert pages(tmp_path / "one") == pages(tmp_path / "two")


def test_one_or_all(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    assert run("docs", "--manifest", folder).exit_code == 2
    assert run("docs", "--manifest", folder, "--model", "x", "--out", tmp_path).exit_code == 2


def test_personal_columns_and_roles(
    shop: ProjectFiles, ask: Callable[..., Any], tmp_path: Path
) -> None:
    node = shop.manifest["nodes"]["model.shop.fct_orders"]
    node["columns"]["amount"]["meta"] = {"contains_pii": True}
    semantic = shop.manifest["semantic_models"]["semantic_model.shop.orders"]
    semantic["entities"] = [{"name": "order", "type": "primary", "expr": "order_id"}]
    page = ask("docs", "--manifest", shop.write(tmp_path), "--model", "fct_orders")
    columns = {column["name"]: column for column in page["columns"]}
    assert columns["amount"]["is_personal"] is True
    assert columns["order_id"]["roles"] == ["primary entity order"]
