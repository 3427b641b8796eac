"""What stands on seeds alone is run on both sides: where both hold the same, nothing is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.seed_files import ROWS, project

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("base", "head", "same"),
    [
        ("select id from raw where amount > 0", "select id from raw where amount > 5", True),
        ("select id from raw where amount > 0", "select id from raw where amount > 10", False),
        ("select id, amount from raw", "select id, amount::bigint as amount from raw", False),
        ("select id from raw", "select id as ID from raw", False),
        ("select id, grp from raw", "select id, coalesce(grp, 'none') as grp from raw", False),
        ("select grp from raw", "select distinct grp from raw", False),
        ("select grp, amount from raw", "select distinct grp, amount from raw", True),
        ("select id, 1.0 / amount as x from raw", "select id, 1.00 / amount as x from raw", True),
        (
            "select [grp] as x from raw where id < 3",
            "select ['a'] as x from raw where id < 3",
            True,
        ),
        ("select [grp || ', b'] as x from raw", "select [grp, 'b'] as x from raw", False),
        ("select [to_days(id)] as x from raw", "select [to_hours(24 * id)] as x from raw", False),
        ("select 0.0::double as x from raw", "select -0.0::double as x from raw", False),
    ],
)
def test_what_holds_the_same_is_not_built(
    rebuilt: Callable[..., list[str]], base: str, head: str, same: bool
) -> None:
    assert rebuilt(base, head) == ([] if same else ["mid", "reader"])


@pytest.mark.parametrize(
    "head",
    [
        # On another day or in another place it may say otherwise.
        "select id, amount from raw where now() > '2020-01-01'",
        "select id, amount from raw where current_date > '2020-01-01'",
        "select id, amount from raw where age('2020-01-01'::timestamp) > interval 1 day",
        "select id, amount from raw where random() >= 0",
        "select id, amount from raw where current_setting('threads') <> ''",
        "select id, amount from raw using sample 100 rows",
        "select id, amount from raw where not exists (from pg_catalog.pg_tables where false)",
        "select id, amount from raw where not exists (from sqlite_master where false)",
        "select id, amount from raw where not exists (from duckdb_settings() where name = 'x')",
    ],
)
def test_what_hangs_on_the_moment_is_built(rebuilt: Callable[..., list[str]], head: str) -> None:
    assert rebuilt("select id, amount from raw", head) == ["mid", "reader"]


def test_an_edited_seed_is_followed_as_far_as_its_rows_go(tmp_path: Path, changes: Ask) -> None:
    sql = "select id, amount from raw where grp is not null"
    edited = ROWS.replace("4,,40", "4,,41")
    found = changes(project(tmp_path / "base", sql), project(tmp_path / "head", sql, edited))
    assert found["rebuild"] == ["seed.shop.raw"]


def test_a_view_whose_code_says_something_else_is_made_anew(
    rebuilt: Callable[..., list[str]],
) -> None:
    sql = "select id from raw where amount > {}"
    assert rebuilt(sql.format(0), sql.format(5), kind="view") == ["mid"]


@pytest.mark.parametrize(
    "keys",
    [
        {"kind": "incremental"},
        {"kind": "materialized_view"},
        {"config": {"post-hook": ["delete from {{ this }}"]}},
        {"jinja": "{% set x = run_query('select 1') %}"},
        {"jinja": "-- {{ run_started_at }}"},
    ],
)
def test_what_is_made_by_more_than_its_sql_is_built(
    rebuilt: Callable[..., list[str]], keys: dict[str, Any]
) -> None:
    sql = "select id from raw where amount > {}"
    assert "mid" in rebuilt(sql.format(0), sql.format(5), **keys)


def test_what_keeps_rows_does_not_believe_the_seeds(rebuilt: Callable[..., list[str]]) -> None:
    sql = "select id from raw where amount > {}"
    found = rebuilt(sql.format(0), sql.format(5), reader="incremental")
    assert found == ["reader"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_contract_says_what_is_stored(tmp_path: Path, changes: Ask, declared: bool) -> None:
    sides = []
    for name, sql in (
        ("base", "id, amount from raw"),
        ("head", "amount, id from raw where id > 0"),
    ):
        files = project(tmp_path / name, f"select {sql}")
        if declared:
            files.manifest["nodes"]["model.shop.mid"].update(
                config={"materialized": "table", "contract": {"enforced": True}},
                columns={n: {"name": n, "data_type": "integer"} for n in ("id", "amount")},
                contract={"enforced": True},
            )
        sides.append(files)
    assert bool(changes(*sides)["rebuild"]) is not declared


@pytest.fixture
def sides(tmp_path: Path) -> list[ProjectFiles]:
    """Two projects that keep other rows, and none less of the seed there is."""
    sql = "select id from raw where amount > {}"
    return [project(tmp_path / name, sql.format(n)) for name, n in (("base", 0), ("head", 5))]


def test_it_says_so(sides: list[ProjectFiles], changes: Ask) -> None:
    [node] = changes(*sides)["nodes"]
    assert (node["name"], node["change"], node["certain"]) == ("mid", "same_data", True)
    assert node["because"] == ["run on the seeds as they are, both versions hold the same"]


def test_a_review_says_so(sides: list[ProjectFiles], run: Ask, tmp_path: Path) -> None:
    written = [files.write(tmp_path / f"side{n}") for n, files in enumerate(sides)]
    text = " ".join(run("review", "--base", written[0], "--head", written[1]).stdout.split())
    assert "Made otherwise, and the same rows as before: mid." in text
    assert "everything they read are the same, or come to the same." in text


def test_the_unit_tests_of_edited_code_are_run(sides: list[ProjectFiles], changes: Ask) -> None:
    for files in sides:
        files.other("unit_tests", "few", "model.shop.mid", model="mid", given=[], expect={})
    assert changes(*sides)["tests"] == ["unit_test.shop.few"]


def test_a_seed_that_did_not_change_serves_both_sides(
    sides: list[ProjectFiles], changes: Ask, tmp_path: Path
) -> None:
    (tmp_path / "base/seeds/raw.csv").unlink()
    assert changes(*sides)["rebuild"] == []


def test_a_plain_run_keeps_the_types_of_a_seed(tmp_path: Path, changes: Ask) -> None:
    """Rows go into the table that is there: 10.5 becomes 10 or 11 where 10 was whole."""
    sql = "select id from raw where amount > 9"
    found = changes(
        project(tmp_path / "base", sql), project(tmp_path / "head", sql, ROWS.replace("10", "10.5"))
    )
    assert found["rebuild"] == ["seed.shop.raw", "model.shop.mid", "model.shop.reader"]


def test_a_seed_that_is_not_at_hand_may_hold_anything(
    sides: list[ProjectFiles], changes: Ask, tmp_path: Path
) -> None:
    for name in ("base", "head"):
        (tmp_path / name / "seeds/raw.csv").write_text("id,grp,amount\n1,a,3\n")
    assert changes(*sides)["rebuild"] == ["model.shop.mid", "model.shop.reader"]


def test_what_is_ephemeral_is_part_of_what_reads_it(
    sides: list[ProjectFiles], changes: Ask
) -> None:
    for files in sides:
        mid, reader = (files.manifest["nodes"][f"model.shop.{n}"] for n in ("mid", "reader"))
        mid["config"]["materialized"] = "ephemeral"
        sql = f"with __dbt__cte__mid as ({mid['compiled_code']}) select id from __dbt__cte__mid"
        reader.update(compiled_code=sql)
    found = changes(*sides)
    assert found["rebuild"] == []
    assert {n["name"]: n["change"] for n in found["nodes"]} == dict.fromkeys(
        ("mid", "reader"), "same_data"
    )


def test_what_takes_too_long_is_built(
    rebuilt: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_tools.changes.contents._SECONDS", 0.3)
    sql = (
        "select count(*) as n from raw, range(100000000) as a(x), range(1000) as b(x) where x <> {}"
    )
    assert rebuilt(sql.format(-1), sql.format(-2)) == ["mid", "reader"]


def test_what_runs_first_may_change_what_functions_do(
    sides: list[ProjectFiles], changes: Ask
) -> None:
    for files in sides:
        uid = "operation.shop.shop-on-run-start-0"
        files.manifest["nodes"][uid] = {
            "unique_id": uid, "resource_type": "operation", "name": "x", "package_name": "shop",
            "original_file_path": "dbt_project.yml", "tags": ["on-run-start"],
            "raw_code": "create or replace macro lower(x) as upper(x)",
        }  # fmt: skip
    assert changes(*sides)["rebuild"] == ["model.shop.mid", "model.shop.reader"]


COLUMNS = "select p from (select * from raw) as t(p, q)"
SEEDS = [
    # dbt's COPY takes these for quotes.
    ("select code like '%b%' as x from raw", "select code = '\'\'abc\'\'' as x from raw",
     "code,n\n'abc',1\n'def',2\n", ""),
    ("select y is null as x from raw", "select id = 2 as x from raw", "id,y\n1,a\n2, ", ""),
    (COLUMNS, COLUMNS, "a,b\nx,y\nz,w\n", "b,a\ny,x\nw,z\n"),
    ("select grp from raw", "select grp collate nocase as grp from raw", ROWS, ""),
    # A profile may put nulls first, or divide without a rest.
    ("select id, row_number() over (order by grp) as n from raw",
     "select id, row_number() over (order by coalesce(grp, 'z')) as n from raw",
     "id,grp\n1,a\n2,\n", ""),
    ("select amount / 10 as x from raw", "select amount * 0.1::double as x from raw", ROWS, ""),
]  # fmt: skip


@pytest.mark.parametrize(("base", "head", "rows", "after"), SEEDS)
def test_seeds_and_settings_are_what_dbt_makes_of_them(
    tmp_path: Path, changes: Ask, base: str, head: str, rows: str, after: str
) -> None:
    found = changes(
        project(tmp_path / "base", base, rows), project(tmp_path / "head", head, after or rows)
    )
    assert {"model.shop.mid", "model.shop.reader"} <= set(found["rebuild"])


def test_a_view_that_is_the_same_for_its_seeds_is_made_anew(tmp_path: Path, changes: Ask) -> None:
    """`id` is never null by these rows; with others the old view would show less."""
    sides = [
        project(tmp_path / name, f"select id from raw {sql}", kind="view")
        for name, sql in (("base", "where id is not null"), ("head", ""))
    ]
    assert changes(*sides)["rebuild"] == ["model.shop.mid"]


def test_a_view_with_its_columns_in_another_order_stays(
    rebuilt: Callable[..., list[str]],
) -> None:
    assert rebuilt("select id, grp from raw", "select grp, id from raw", kind="view") == []
