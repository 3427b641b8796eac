"""Real changes of one project: what breaks, and which columns differ, is what the builds showed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics_tools.cli import main


@pytest.fixture
def document(pull_request: Path, tmp_path: Path) -> Any:
    """The answer for one pull request, asked of a copy: the cache is written beside it."""
    for side in ("base", "head"):
        shutil.copytree(pull_request / side, tmp_path / side, copy_function=shutil.copyfile)
    words = ["changes", "--json", "--base", tmp_path / "base", "--head", tmp_path / "head"]
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    again = CliRunner().invoke(main, [str(word) for word in words])
    assert again.output == result.output  # from the cache
    return json.loads(result.stdout)


def truth_of(pull_request: Path) -> Any:
    return json.loads((pull_request / "truth.json").read_text())


def test_breaks_are_named_exactly(pull_request: Path, document: Any) -> None:
    truth = truth_of(pull_request)
    assert {one["unique_id"] for one in document["breaks"]} == set(truth["breaks"])


def test_columns_that_differ_are_named(pull_request: Path, document: Any) -> None:
    told = {
        (node["unique_id"], name)
        for node in document["nodes"]
        for column in node["columns"]
        for name in (column["name"], column["before"])
    }
    broken = {one["unique_id"] for one in document["breaks"]}
    for uid, *rest in truth_of(pull_request)["evidence"]["columns"]:
        if len(rest) > 1:
            assert (uid, rest[1]) in told
            assert uid in document["rebuild"]
        elif uid not in broken:
            change = next(n["change"] for n in document["nodes"] if n["unique_id"] == uid)
            assert change in ("added", "disabled", "removed")


def test_what_is_the_same_is_not_built(pull_request: Path, document: Any) -> None:
    expected = {
        "01-rename-column-breaks": {"stg_payments", "orders", "customers"},
        "03-rename-mart-column": {"customers"},
        "05-type-change-propagates": {"stg_payments", "orders", "customers"},
        "06-type-change-breaks-join": {"stg_orders", "orders", "customers"},
        "07-add-model": {"daily_orders"},
        "10-noop-whitespace-comment": set(),
        "12-logic-only": {"orders"},
        "14-tests-weakened": set(),
        "17-disable-model": set(),
    }
    if pull_request.name in expected:
        built = {uid.rpartition(".")[2] for uid in document["rebuild"]}
        assert built == expected[pull_request.name]
