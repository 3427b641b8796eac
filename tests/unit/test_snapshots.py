"""A snapshot makes a version when a column it compares is otherwise, and for no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

CHECK = {"strategy": "check", "unique_key": "id", "check_cols": ["plan"]}
TIMED = {"strategy": "timestamp", "unique_key": "id", "updated_at": "moved"}
STG = "select 1 as id, 'free' as plan, 'Ann' as name, date '2024-01-01' as moved"


def project(stg: str = STG, config: dict[str, Any] = CHECK, macro: str = "") -> ProjectFiles:
    """A snapshot of a model, and who reads of it only what it was made for: since when."""
    files = ProjectFiles()
    above = files.model("stg", compiled_code=stg, raw_code=stg)
    sql = 'select * from "db"."main"."stg"'
    uid = files.snapshot("snap", above, compiled_code=sql, raw_code=sql, config=config)
    sql = 'select id, dbt_valid_from as since from "db"."main"."snap"'
    files.model("reader", uid, compiled_code=sql, raw_code=sql)
    calls = {"snapshot_check_strategy": ["get_true_sql"], "get_true_sql": []}
    macros = [("dbt", name, called) for name, called in calls.items()]
    macros += [("dbt_shop", macro, [])] if macro else []
    files.manifest["macros"] = {
        f"macro.{package}.{name}": {
            "name": name, "package_name": package, "macro_sql": "{% macro",
            "depends_on": {"macros": [f"macro.dbt.{one}" for one in called]},
        }
        for package, name, called in macros
    }  # fmt: skip
    return files


OTHER_NAME, OTHER_PLAN = STG.replace("Ann", "Bob"), STG.replace("free", "paid")
OTHER_TIME, MORE = STG.replace("2024", "2025"), STG + ", 7 as more"
EVERY = CHECK | {"check_cols": "all"}


@pytest.mark.parametrize(
    ("config", "macro", "stg", "new_versions"),
    [
        (CHECK, "", OTHER_NAME, False),
        (CHECK, "", MORE, False),
        (CHECK, "", OTHER_TIME, False),
        (CHECK, "", OTHER_PLAN, True),
        (CHECK | {"updated_at": "moved"}, "", OTHER_TIME, True),
        (CHECK | {"updated_at": "moved"}, "", OTHER_NAME, False),
        (CHECK | {"unique_key": ["id", "name"]}, "", OTHER_NAME, True),
        (TIMED, "", OTHER_PLAN, False),
        (TIMED, "", OTHER_TIME, True),
        (EVERY, "", OTHER_NAME, True),
        (EVERY, "", MORE, True),
        # What tells versions apart isn't known: an expression, a way of the project's own.
        (CHECK | {"unique_key": "id || plan"}, "", OTHER_NAME, True),
        (CHECK | {"strategy": "ours"}, "", OTHER_NAME, True),
        (CHECK | {"strategy": "ours"}, "", OTHER_NAME + ', 1 as "None"', True),
        (CHECK, "snapshot_check_strategy", OTHER_NAME, True),
        (CHECK, "get_true_sql", OTHER_NAME, True),
        (CHECK, "default__get_true_sql", OTHER_NAME, True),
        (CHECK, "format_amount", OTHER_NAME, False),
    ],
)
def test_who_reads_since_when(
    config: dict[str, Any],
    macro: str,
    stg: str,
    new_versions: bool,
    changes: Callable[..., Any],
) -> None:
    found = changes(project(config=config, macro=macro), project(stg, config, macro))["rebuild"]
    always = ["model.shop.stg", "snapshot.shop.snap"]
    assert found == [*always, *["model.shop.reader"] * new_versions]


@pytest.mark.parametrize(
    ("config", "names"), [(CHECK, {"id", "plan"}), (TIMED, {"id", "moved"})]
)  # fmt: skip
def test_a_column_compared_decides_the_rows(
    config: dict[str, Any], names: set[str], ask: Callable[..., Any], tmp_path: Path
) -> None:
    place = project(config=config).write(tmp_path)
    [node] = ask("lineage", "--manifest", place, "--model", "snap")["nodes"]
    assert {(one["column"], *one["by"]) for one in node["deciders"]} == {
        (name, "version") for name in names
    }
    [since] = [one for one in node["columns"] if one["name"] == "dbt_valid_from"]
    assert [one["column"] for one in since["upstream"]] == ["moved"] * ("moved" in names)


@pytest.mark.parametrize(("column", "is_reached"), [("plan", True), ("name", False)])
def test_the_impact_of_a_column_compared(
    column: str, is_reached: bool, ask: Callable[..., Any], tmp_path: Path
) -> None:
    """It reaches who reads another column: there are other versions."""
    place = project().write(tmp_path)
    found = ask("impact", "--manifest", place, "--model", "stg", "--column", column)
    reached = {one["unique_id"] for one in found["touched"]}
    assert ("model.shop.reader" in reached) is is_reached
