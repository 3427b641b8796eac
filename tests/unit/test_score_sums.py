"""The score is a sum anyone can check, the same in whatever order the file lists things."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_tools.artifacts import load_project
from analytics_tools.render.rules import rules_markdown
from analytics_tools.score import ScoreReport, registered_rules, score_project
from analytics_tools.score.model import CAPS
from tests.unit.project_files import ProjectFiles

ROOT = Path(__file__).parent.parent.parent
NAMES = ["stg_a", "int_b", "dim_c", "fct_d", "e", "f", "stg_g", "h"]


@st.composite
def projects(draw: st.DrawFn) -> ProjectFiles:
    """Projects of any shape and quality."""
    files = ProjectFiles(adapter=draw(st.sampled_from(["duckdb", "snowflake", ""])))
    uids = [files.source("raw", "t", ["id"])]
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        uid = files.model(
            name,
            *draw(st.lists(st.sampled_from(uids), max_size=3)),
            folder=draw(st.sampled_from(["", "staging", "intermediate", "marts", "gold"])),
            materialized=draw(st.sampled_from(["view", "table", "incremental", "ephemeral"])),
            columns=draw(st.dictionaries(st.sampled_from(["id", "c_id", "x"]), st.text())),
            description=draw(st.text(max_size=5)),
            access=draw(st.sampled_from(["public", "protected"])),
            raw_code=draw(
                st.sampled_from(["select 1", "from a.b join c.d", "case when a when b else c end"])
            ),
        )
        if draw(st.booleans()):
            files.test(draw(st.sampled_from(["unique", "not_null", "x.grain"])), uid, "id")
        if draw(st.booleans()):
            files.built(uid, id="INT", y="INT")
        uids.append(uid)
    return files


def score(files: ProjectFiles, folder: Path) -> ScoreReport:
    return score_project(load_project(files.write(folder, catalog=True)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=projects(), seed=st.integers())
def test_points_add_up(files: ProjectFiles, seed: int, tmp_path: Path) -> None:
    report = score(files, tmp_path)
    for model in report.models:
        assert 0 <= model.score <= 100
        assert model.score == 100 - sum(area.deducted for area in model.areas)
        for area in model.areas:
            points = [d.points for d in model.deductions if d.area is area.area]
            assert all(one > 0 for one in points)
            assert area.found == sum(points)
            assert area.deducted == min(area.found, CAPS[area.area])
    assert report.points == sum(model.score * model.weight for model in report.models)
    assert report.weight == sum(model.weight for model in report.models)
    assert report.score is not None
    assert 0 <= report.points / report.weight - report.score < 0.1

    shuffled = files.copy()
    for section in shuffled.manifest.values():
        if isinstance(section, dict):
            items = list(section.items())
            random.Random(seed).shuffle(items)
            section.clear()
            section.update(items)
    assert score(shuffled, tmp_path / "shuffled") == report


def test_caps_add_up_to_100() -> None:
    assert sum(CAPS.values()) == 100


def test_every_rule_is_told() -> None:
    codes = [rule.code for rule in registered_rules()]
    assert len(codes) == len(set(codes)) >= 18
    page = ROOT / "docs" / "reference" / "rules.md"
    assert page.read_text() == rules_markdown(), "write it anew: see analytics_tools.render.rules"


def test_weights_count_models_downstream(shop: ProjectFiles, ask: Any, tmp_path: Path) -> None:
    document = ask("score", "--manifest", shop.write(tmp_path))
    assert {m["name"]: m["weight"] for m in document["models"]} == {
        "stg_orders": 2,
        "fct_orders": 1,
    }


def test_gate(shop: ProjectFiles, run: Callable[..., Any], tmp_path: Path) -> None:
    words = ("score", "--manifest", shop.write(tmp_path))
    document = json.loads(run(*words, "--json").stdout)
    exact = document["points"] / document["weight"]
    assert run(*words, "--fail-under", exact - 0.001).exit_code == 0
    failed = run(*words, "--fail-under", exact + 0.001)
    assert failed.exit_code == 1
    assert "not met" in failed.stdout
    assert run(*words, "--model", "stg_orders", "--fail-under", 100).exit_code == 0
    gate = json.loads(run(*words, "--fail-under", 100, "--json").stdout)["gate"]
    assert gate == {"fail_under": 100.0, "met": False}


def test_selection(shop: ProjectFiles, ask: Callable[..., Any], tmp_path: Path) -> None:
    package = dict(shop.manifest["nodes"]["model.shop.stg_orders"])
    package.update(unique_id="model.hub.x", name="x", package_name="hub")
    shop.manifest["nodes"]["model.hub.x"] = package
    folder = shop.write(tmp_path)

    def names(*words: str) -> set[str]:
        return {m["name"] for m in ask("score", "--manifest", folder, *words)["models"]}

    assert names() == {"stg_orders", "fct_orders"}
    assert names("--layer", "marts") == {"fct_orders"}
    assert names("--layer", "marts", "--layer", "staging") == {"stg_orders", "fct_orders"}
    assert names("--package", "hub") == {"x"}
    shop.manifest["metadata"]["project_name"] = "empty"
    shop.write(tmp_path)
    assert names() == {"stg_orders", "fct_orders", "x"}


def test_no_models(files: ProjectFiles, run: Callable[..., Any], tmp_path: Path) -> None:
    result = run("score", "--manifest", files.write(tmp_path), "--fail-under", 90)
    assert result.exit_code == 0
    assert "No models" in result.stdout


def test_text_shows_the_arithmetic(
    shop: ProjectFiles, run: Callable[..., Any], tmp_path: Path
) -> None:
    folder = shop.write(tmp_path)
    one = run("score", "--manifest", folder, "--model", "fct_orders").stdout
    assert "100 - 6 documentation = 94" in one
    assert "late" in one
    assert "fix: " in one
    every = run("score", "--manifest", folder).stdout
    assert "294 points / 3" in every
    assert "98 of 100" in every
