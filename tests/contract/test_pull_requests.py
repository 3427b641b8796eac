"""Real changes of one project: what diff tells is what the builds showed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from analytics_tools.cli import main


def ask(pull_request: Path) -> Any:
    words = ["diff", "--json", "--source", pull_request / "base", "--target", pull_request / "head"]
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def told(relation: Any) -> set[tuple[str, ...]]:
    """Say a relation's changes in the words of truth.json."""
    uid = relation["unique_id"]
    if relation["change"] in ("removed", "missing"):
        return {(uid, "NOT IN HEAD CATALOG")}
    if relation["change"] == "added":
        return {(uid, "NEW IN HEAD CATALOG")}
    found: set[tuple[str, ...]] = set()
    for column in relation["columns"]:
        before, after, name = column["before"], column["after"], column["column"]
        if column["change"] == "retyped":
            found.add((uid, "type", name, before, after))
        elif column["change"] == "renamed":
            found |= {(uid, "removed", before), (uid, "added", after)}
        else:
            found.add((uid, column["change"], name))
    return found


def test_every_difference_and_no_other(pull_request: Path) -> None:
    truth = json.loads((pull_request / "truth.json").read_text())["evidence"]["columns"]
    expected = {tuple(entry[:3] if entry[1] in ("added", "removed") else entry) for entry in truth}
    assert set().union(*(told(one) for one in ask(pull_request)["relations"])) == expected


def test_what_changes_nothing_is_no_difference(pull_request: Path) -> None:
    truth = json.loads((pull_request / "truth.json").read_text())
    if not truth["evidence"]["columns"]:
        assert ask(pull_request)["relations"] == []
