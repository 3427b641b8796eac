"""Each tool on each real project: an answer, parsable JSON, sums that hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from analytics_tools.artifacts import load_project
from analytics_tools.cli import main
from analytics_tools.graph import walk
from analytics_tools.score.model import CAPS


@pytest.fixture(autouse=True)
def _loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_TOOLS_DEBUG", "1")


def ask(*words: str | Path) -> Any:
    """Return the JSON of a command, having seen that its text works as well."""
    plain = [str(word) for word in words]
    text = CliRunner().invoke(main, plain)
    assert text.exit_code == 0, (text.output, text.exception)
    assert text.stderr == ""
    result = CliRunner().invoke(main, [*plain, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_graph_is_the_one_dbt_wrote(real: Path) -> None:
    written = json.loads((real / "manifest.json").read_bytes())
    project = load_project(real)
    known = project.nodes_by_id.keys()
    for uid, parents in project.parents.items():
        assert parents == tuple(sorted(known & set(written["parent_map"][uid]))), uid
    assert project.notes == ()


def test_score(real: Path) -> None:
    packages = {model.package_name for model in load_project(real).models.values()}
    words = [word for package in sorted(packages) for word in ("--package", package)]
    document = ask("score", "--manifest", real, *words)
    assert document["models"]
    for model in document["models"]:
        assert model["score"] == 100 - sum(area["deducted"] for area in model["areas"])
        for area in model["areas"]:
            found = [d["points"] for d in model["deductions"] if d["area"] == area["area"]]
            assert area["deducted"] == min(sum(found), CAPS[area["area"]])
        for deduction in model["deductions"]:
            assert deduction["message"]
            assert deduction["fix"]
            assert deduction["evidence"]["file"]
    ask("score", "--manifest", real)


def test_impact_and_docs(real: Path) -> None:
    project = load_project(real)
    farthest = sorted(project.relations, key=lambda uid: -len(walk(uid, project.children)))
    for uid in (farthest[0], farthest[len(farthest) // 2], farthest[-1]):
        impact = ask("impact", "--manifest", real, "--model", uid)
        assert len(impact["touched"]) == len(walk(uid, project.children)) - 1
        page = ask("docs", "--manifest", real, "--model", uid)
        assert page["unique_id"] == uid


def test_diff_with_itself(real: Path) -> None:
    if not (real / "catalog.json").exists():
        pytest.skip("no catalog in this set")
    document = ask("diff", "--source", real, "--target", real)
    assert document["relations"] == []
    assert document["compared"] > 0


def test_declared_drift(real: Path) -> None:
    if not (real / "catalog.json").exists():
        pytest.skip("no catalog in this set")
    document = ask("diff", "--declared", "--manifest", real)
    tables = load_project(real).tables
    for relation in document["relations"]:
        built = {column.lower() for column in tables[relation["unique_id"]].columns}
        for change in relation["columns"]:
            # Removed is what YAML has and the warehouse hasn't; the other way round it is added.
            assert (change["column"].lower() in built) is (change["change"] != "removed")


def test_pages_of_the_whole_project(real: Path, tmp_path: Path) -> None:
    pages = [ask_pages(real, tmp_path / name) for name in ("a", "a", "b")]
    relations = len(load_project(real).relations)
    assert [page["written"] > relations for page in pages] == [True, False, True]
    assert pages[1]["unchanged"] == pages[0]["written"]
    one, other = tmp_path / "a", tmp_path / "b"
    for path in one.rglob("*.md"):
        text = path.read_text()
        assert text == (other / path.relative_to(one)).read_text()
        for link in re.findall(r"\]\(([^)]+\.md)\)", text):
            assert (path.parent / unquote(link)).exists(), (path, link)


def ask_pages(real: Path, out: Path) -> Any:
    words = ["docs", "--manifest", str(real), "--out", str(out), "--json"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
