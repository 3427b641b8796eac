"""Heads of which some nodes have no compiled code: dbt skipped them, or they were only parsed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Compare = Callable[[ProjectFiles, ProjectFiles], Any]
RAW = "select city from {{ ref('cust') }}"
OLD = "select 1 as id, 'x' as city"


@pytest.fixture
def compare(ask: Callable[..., Any], tmp_path: Path) -> Compare:
    """Compare two projects; their models without compiled code have none."""

    def found(base: ProjectFiles, head: ProjectFiles) -> Any:
        sides = base.write(tmp_path / "a"), head.write(tmp_path / "b")
        return ask("changes", "--base", sides[0], "--head", sides[1])

    return found


def versioned(latest: int, compiled: str = "") -> ProjectFiles:
    """Two versions of a model, and a reader of whichever is the latest."""
    files = ProjectFiles()
    for version, sql in ((1, OLD), (2, "select 1 as id")):
        files.model("cust", version=version, latest_version=latest, compiled_code=sql, raw_code=sql,
                    alias=f"cust_v{version}", relation_name=f'"db"."main"."cust_v{version}"')  # fmt: skip
    files.model("reader", f"model.shop.cust.v{latest}", raw_code=RAW, compiled_code=compiled)
    return files


def test_the_same_code_reads_another_version(compare: Compare) -> None:
    base = versioned(1, 'select city from "db"."main"."cust_v1"')
    document = compare(base, versioned(2))
    assert "model.shop.reader" in document["rebuild"]
    assert [(one["name"], one["column"]) for one in document["breaks"]] == [("reader", "city")]


def test_the_same_code_reads_the_same_version(compare: Compare) -> None:
    document = compare(versioned(1, 'select city from "db"."main"."cust_v1"'), versioned(1))
    assert (document["rebuild"], document["breaks"]) == ([], [])


def test_what_it_reads_is_part_of_its_sql_now(compare: Compare) -> None:
    """Nobody knows the SQL that dbt would make of it: nothing is said to break by that."""
    sides = []
    for kind, compiled in (("table", 'select city from "db"."main"."cust"'), ("ephemeral", "")):
        files = ProjectFiles()
        uid = files.model("cust", compiled_code=OLD, raw_code=OLD, materialized=kind)
        files.model("reader", uid, raw_code=RAW, compiled_code=compiled)
        sides.append(files)
    sides[1].manifest["nodes"]["model.shop.cust"]["relation_name"] = None
    document = compare(*sides)
    assert document["breaks"] == []
    assert document["rebuild"] == ["model.shop.reader"]
