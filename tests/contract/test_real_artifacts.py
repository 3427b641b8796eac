"""Each tool on each real project: an answer, parsable JSON, sums that hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
