"""Deductions that no expert would make, each met in a real project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Found = Callable[[str], dict[str, Any]]


@pytest.fixture
def found(files: ProjectFiles, ask: Callable[..., Any], tmp_path: Path) -> Found:
    """Score the project; return a model's deductions by rule."""

    def score(name: str) -> dict[str, Any]:
        document = ask("score", "--manifest", files.write(tmp_path), "--model", name)
        return {one["rule"]: one for one in document["models"][0]["deductions"]}

    return score


def test_models_filled_by_hooks_have_nothing_to_filter(files: ProjectFiles, found: Found) -> None:
    files.model("runs", materialized="incremental", raw_code="{{ empty_table() }}")
    assert not {"PRF001", "PRF002"} & found("runs").keys()
    files.model("events", files.source("raw", "events"), materialized="incremental")
    assert {"PRF001", "PRF002"} <= found("events").keys()


@pytest.mark.parametrize(
    "description",
    [
        "Count of distinct claims by claim type",
        "Monthly trend of paid_amount, allowed_amount,\nand charge_amount by service category",
        "Computes all the paid statistics for every patient_id and year_month combination.",
        "Each second of every video that has been watched",
        "Includes all rows of the encounter model that are not disqualified",
    ],
)
def test_a_grain_in_other_words(files: ProjectFiles, found: Found, description: str) -> None:
    files.model("fct_claims", folder="marts", description=description)
    assert "DOC004" not in found("fct_claims")


def test_no_grain_in_by_itself(files: ProjectFiles, found: Found) -> None:
    text = "The claim table contains information on services billed by the provider"
    files.model("fct_claims", folder="marts", description=text)
    files.model("metricflow_time_spine", folder="marts", description="Days")
    assert "DOC004" in found("fct_claims")
    assert "DOC004" not in found("metricflow_time_spine")


def test_steps_may_go_undescribed_where_all_do(files: ProjectFiles, found: Found) -> None:
    for number in range(4):
        step = files.model(
            f"stg_a{number}_tmp",
            files.source("raw", f"a{number}"),
            folder="staging/tmp",
            materialized="view",
            description="",
        )
        files.model(f"stg_a{number}", step, folder="staging")
        if number < 3:
            assert found("stg_a0_tmp")["DOC001"]["points"] == 3
    assert "DOC001" not in found("stg_a0_tmp")


def _dead_columns(files: ProjectFiles, reader: str, package: str = "shop") -> None:
    files.model("stg_a", files.source("raw", "a"), folder="staging", package_name=package)
    step = files.model("int_a", "model.shop.stg_a", folder="intermediate", package_name=package)
    mart = files.model("dim_a", step, folder="marts", compiled_code=reader, package_name=package)
    files.built(step, id="INT", used="INT", unused="INT")
    files.built(mart, id="INT", u="INT")


@pytest.mark.parametrize(
    ("reader", "is_dead"),
    [
        ("select id, used as u, count(*) over () from int_a", True),
        ("with a as (select * from int_a union all select * from b) select id, used as u", True),
        ("with a as (select distinct * from int_a) select id, used as u from a", False),
        ("with a as (select * from int_a union select * from b) select id, used as u", False),
        ("select id, hash(int_a.*), used as u from int_a", False),
    ],
)
def test_whole_rows_read_every_column(
    files: ProjectFiles, found: Found, reader: str, is_dead: bool
) -> None:
    _dead_columns(files, reader)
    assert ("CNV012" in found("int_a")) is is_dead


def test_columns_every_table_has_are_not_dead(files: ProjectFiles, found: Found) -> None:
    _dead_columns(files, "select id, used as u from int_a")
    assert "CNV012" in found("int_a")
    for number in range(5):
        files.built(files.model(f"dim_{number}", folder="marts"), id="INT", unused="INT")
    assert "CNV012" not in found("int_a")


def test_others_may_read_the_columns_of_a_package(files: ProjectFiles, found: Found) -> None:
    _dead_columns(files, "select id, used as u from int_a", package="claims")
    assert "CNV012" not in found("int_a")
