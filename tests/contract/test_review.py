"""Reviews of real changes: the verdict is what the builds showed, and nothing real stops it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics_tools.cli import main
from tests.contract.conftest import ABSENT, REAL

VERDICTS = {
    "01-rename-column-breaks": ("breaks", {"reader-breaks", "build-failed", "column-renamed"}),
    "03-rename-mart-column": ("look", {"column-renamed"}),
    "05-type-change-propagates": ("look", {"type-changed"}),
    "06-type-change-breaks-join": ("breaks", {"build-failed", "type-changed"}),
    "07-add-model": ("safe", set()),
    "10-noop-whitespace-comment": ("safe", set()),
    "12-logic-only": ("look", {"rows-change"}),
    "14-tests-weakened": ("look", {"test-lost", "test-weakened", "score-drops"}),
    "17-disable-model": ("look", {"removed"}),
}


def copied(folder: Path, at: Path) -> Path:
    """Copy artifacts, so that nothing is written beside the originals."""
    at.mkdir(parents=True)
    for name in ("manifest.json", "catalog.json", "run_results.json"):
        if (folder / name).exists():
            shutil.copy(folder / name, at)
    return at


def ask(command: str, *words: str | Path) -> Any:
    result = CliRunner().invoke(main, [command, *map(str, words), "--json"])
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def review(base: Path, head: Path, tmp_path: Path) -> Any:
    sides = copied(base, tmp_path / "base"), copied(head, tmp_path / "head")
    comment = tmp_path / "comment.md"
    document = ask("review", "--base", sides[0], "--head", sides[1], "--write", comment)
    text = comment.read_text()
    assert len(text.encode()) < 65_536
    assert text.startswith("<!-- analytics-tools review -->\n## ")
    assert text.count("<details>") == text.count("</details>")
    return document


def test_the_verdict_is_what_happened(pull_request: Path, tmp_path: Path) -> None:
    document = review(pull_request / "base", pull_request / "head", tmp_path)
    verdict, rules = VERDICTS[pull_request.name]
    assert document["verdict"] == verdict
    assert rules <= {reason["rule"] for reason in document["reasons"]}
    truth = json.loads((pull_request / "truth.json").read_text())
    failed = {one["unique_id"] for one in document["build"]["failures"]}
    assert failed == {uid for uid, _, now, _ in truth["evidence"]["status_changed"]
                      if now in ("error", "fail")}  # fmt: skip
    told = {item["unique_id"] for reason in document["reasons"] for item in reason["items"]}
    assert set(truth["breaks"]) <= told


def test_the_score_is_that_of_score(pull_request: Path, tmp_path: Path) -> None:
    truth = json.loads((pull_request / "truth.json").read_text())
    document = review(pull_request / "base", pull_request / "head", tmp_path)
    built = not truth["breaks"] and pull_request.name != "17-disable-model"
    for side, key in (("base", "before"), ("head", "after")):
        alone = ask("score", "--manifest", tmp_path / side)["score"]
        if built:
            assert document["score"][key] == alone
        else:  # what was not built counts on neither side
            assert abs(document["score"][key] - alone) < 3


def has_unhashed_seeds(folder: Path) -> bool:
    """Whether there is a seed of more than a megabyte, of which dbt hashes the path alone."""
    nodes = json.loads((folder / "manifest.json").read_text())["nodes"].values()
    seeds = [node for node in nodes if node["resource_type"] == "seed"]
    return any((seed.get("checksum") or {}).get("name") == "path" for seed in seeds)


def test_a_project_compared_with_itself_is_safe(real: Path, tmp_path: Path) -> None:
    document = review(real, real, tmp_path)
    found = {reason["rule"] for reason in document["reasons"]} - {"build-failed", "test-failed"}
    if has_unhashed_seeds(real):  # of which nobody can say that they are the same
        assert found <= {"rows-change", "values-change", "metric-changed", "not-read"}
    else:
        assert found == set()
        assert document["scope"]["rebuild"] == []
    assert document["tests"] == []
    assert document["score"]["before"] == document["score"]["after"]


def test_head_alone(real: Path, tmp_path: Path) -> None:
    head = copied(real, tmp_path / "head")
    document = ask("review", "--head", head)
    assert not document["has_base"]
    assert document["score"]["after"] == ask("score", "--manifest", head)["score"]


@pytest.mark.skipif(not REAL, reason=ABSENT)
@pytest.mark.parametrize(
    ("base", "head"),
    [
        ("recce_base", "recce_pull_request"),
        ("jaffle_shop_v11", "jaffle_shop_v12_dbt_1.8"),
        ("jaffle_shop_v12_dbt_1.8", "jaffle_shop_v12_dbt_1.12"),
        ("jaffle_shop_v1", "jaffle_shop_v4"),
        ("quickbooks_postgres", "tuva_snowflake"),
    ],
)
def test_any_two_projects_can_be_compared(base: str, head: str, tmp_path: Path) -> None:
    folders = {folder.name: folder for folder in REAL}
    document = review(folders[base], folders[head], tmp_path)
    assert document["verdict"] in ("look", "breaks")
