"""The JSON documents have the keys docs/reference/json.md promises, and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "json.md"
# Objects whose keys depend on the project.
OPEN = {"counts": "<kind>", "names": "<unique_id>"}


def documented(section: str) -> set[str]:
    """Return the keys of a section's tables."""
    text = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.S | re.M)
    assert text is not None
    return set(re.findall(r"^\| `([^`]+)` \|", text.group(1), re.M))


def keys_in(value: Any, path: str = "") -> set[str]:
    """Return the paths of a document's keys, as the page writes them."""
    if isinstance(value, list):
        found = [keys_in(item, f"{path}[]") for item in value if isinstance(item, dict)]
        return {path}.union(*found)
    if not isinstance(value, dict):
        return {path}
    if path in OPEN:
        return {f"{path}.{OPEN[path]}"}
    inner = [keys_in(item, f"{path}.{key}" if path else key) for key, item in value.items()]
    return set().union(*inner)


def ask_each(shop: ProjectFiles, ask: Callable[..., Any], tmp_path: Path) -> dict[str, Any]:
    folder, after = shop.write(tmp_path / "a"), shop.copy()
    after.built("model.shop.fct_orders", order_id="SMALLINT")
    other = after.write(tmp_path / "b")
    worse = shop.copy()
    worse.manifest["nodes"]["model.shop.fct_orders"]["description"] = ""
    meta = {"analytics_tools": {"ignore": {"DOC001": "told elsewhere"}}}
    worse.manifest["nodes"]["model.shop.stg_orders"].update(description="", meta=meta)
    baseline = tmp_path / "baseline.json"
    baseline.write_text(json.dumps(ask("score", "--manifest", folder)))
    third = worse.write(tmp_path / "c")
    return {
        "score": ask("score", "--manifest", third, "--baseline", baseline),
        "explain": ask("explain", "DOC001"),
        "impact": ask("impact", "--manifest", folder, "--model", "stg_orders"),
        "docs": ask("docs", "--manifest", folder, "--model", "fct_orders"),
        "diff": ask("diff", "--source", folder, "--target", other),
        "new": ask("new", tmp_path / "new", "--name", "acme", "--dry-run"),
        **ask_in_project(shop, ask, tmp_path / "dbt"),
    }


def ask_in_project(shop: ProjectFiles, ask: Callable[..., Any], home: Path) -> dict[str, Any]:
    """Ask the commands that write into a dbt project; the second finds what the first has left."""
    shop.write(home / "target")
    (home / "dbt_project.yml").write_text("name: shop\n")
    (home / "orders.csv").write_text("id,status\n1,placed\n")
    here = ["--project-dir", home]
    ask("init", *here, "--ci", "none", "--tools", "x")
    return {
        "add": ask("add", "source", "web.orders", "--from", home / "orders.csv", *here),
        "init": ask("init", *here, "--ci", "github", "--tools", "x"),
    }


@pytest.mark.parametrize(
    "command", ["score", "explain", "impact", "docs", "diff", "new", "add", "init"]
)
def test_keys(command: str, shop: ProjectFiles, ask: Callable[..., Any], tmp_path: Path) -> None:
    document = ask_each(shop, ask, tmp_path)[command]
    promised = documented("Every document") | documented(command)
    if command in ("add", "diff", "explain", "init", "new"):
        promised = {key for key in promised if not key.startswith("project.")}
    assert keys_in(document) == promised
    assert document["schema_version"] == 1
    assert document["command"] == command
