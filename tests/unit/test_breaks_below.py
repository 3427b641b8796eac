"""What breaks below what is gone, or fails in a later run alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Broken = Callable[[ProjectFiles, ProjectFiles], list[tuple[str, str, bool]]]


@pytest.fixture
def broken(ask: Callable[..., Any], tmp_path: Path) -> Broken:
    """What breaks between two projects: node, column, and whether that is certain."""

    def found(base: ProjectFiles, head: ProjectFiles) -> list[tuple[str, str, bool]]:
        sides = base.write(tmp_path / "a"), head.write(tmp_path / "b")
        document = ask("changes", "--base", sides[0], "--head", sides[1])
        return [(one["name"], one["column"], one["certain"]) for one in document["breaks"]]

    return found


def by_name(*kept: str) -> ProjectFiles:
    """Models, of which one reads `stats` by its name; dbt doesn't know that it does."""
    files = ProjectFiles()
    for name in kept:
        files.model(name, compiled_code="select 1 as id", raw_code="select 1 as id")
    sql = "select id from db.main.stats"
    files.model("top", compiled_code=sql, raw_code=sql)
    return files


def test_what_is_read_by_its_name_and_no_longer_built(broken: Broken) -> None:
    """The old table may be there for long."""
    assert broken(by_name("stats"), by_name()) == [("top", "", False)]


def test_another_model_is_built_under_the_name(broken: Broken) -> None:
    head = by_name("other")
    head.manifest["nodes"]["model.shop.other"].update(
        alias="stats", relation_name='"db"."main"."stats"'
    )
    assert broken(by_name("stats"), head) == []


def history(columns: str) -> ProjectFiles:
    """A snapshot that compares a column, and a reader of that."""
    files = ProjectFiles()
    raw = files.source("raw", "plans", ["id", "plan"])
    sql = f'select {columns} from "db"."raw"."plans"'
    config = {"strategy": "check", "unique_key": "id", "check_cols": ["plan"]}
    uid = files.snapshot("snap", raw, compiled_code=sql, raw_code=sql, config=config)
    sql = 'select plan from "db"."main"."snap"'
    files.model("reader", uid, compiled_code=sql, raw_code=sql)
    return files


def test_who_reads_a_snapshot_that_a_first_run_still_makes(broken: Broken) -> None:
    found = broken(history("id, plan"), history("id"))
    assert found == [("snap", "plan", True), ("reader", "plan", True)]
