"""What DuckDB fails at for a cell of a seed: it is run, and told by who fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.seed_files import SEED, project

Ask = Callable[..., Any]
ROWS = "id,code\n1,10\n2,20\n3,ten\n"
AS_TEXT = "select id, code from raw"
AS_NUMBER = "select id, code::int as code from raw"


@pytest.fixture
def breaks(tmp_path: Path, ask: Ask) -> Callable[..., list[tuple[str, str, bool]]]:
    """Compare two projects; return what breaks, why, and whether that is certain."""

    def compare(base: ProjectFiles, head: ProjectFiles) -> list[tuple[str, str, bool]]:
        sides = base.write(tmp_path / "base/target"), head.write(tmp_path / "head/target")
        found = ask("changes", "--base", sides[0], "--head", sides[1])["breaks"]
        return [(b["name"], b["reason"], b["certain"]) for b in found]

    return compare


def sides(tmp_path: Path, base: str, head: str, **keys: Any) -> list[ProjectFiles]:
    keys = {"rows": ROWS} | keys
    return [project(tmp_path / n, sql, **keys) for n, sql in (("base", base), ("head", head))]


SAID = (
    "DuckDB fails at it, on the seeds as they are: Could not convert string 'ten' to INT32 when "
    "casting from source column code"
)


def test_a_table_is_told_and_not_what_reads_it(
    tmp_path: Path, breaks: Callable[..., list[Any]]
) -> None:
    assert breaks(*sides(tmp_path, AS_TEXT, AS_NUMBER)) == [("mid", SAID, True)]


@pytest.mark.parametrize("reader", ["table", "view"])
def test_a_view_fails_in_who_reads_it(
    tmp_path: Path, breaks: Callable[..., list[Any]], reader: str
) -> None:
    both = sides(tmp_path, AS_TEXT, AS_NUMBER, kind="view", reader=reader)
    for files in both:
        for column, sql in (("id", "id is null"), ("code", "code is null")):
            uid = files.test("not_null", "model.shop.mid", column)
            node = files.manifest["nodes"][uid]
            node["compiled_code"] = f'select {column} from "db"."main"."mid" where {sql}'
    told = [(name.split("_mid_")[-1], certain) for name, _, certain in breaks(*both)]
    # The test of the other column never looks at what can't be converted.
    assert sorted(told) == [("code", True)] + [("reader", True)] * (reader == "table")


@pytest.mark.parametrize("counted", ["1; select max(code)", "max(code) || random()"])
def test_what_counts_failures_is_one_query_that_gives_the_same(
    tmp_path: Path, breaks: Callable[..., list[Any]], counted: str
) -> None:
    both = sides(tmp_path, AS_TEXT, AS_NUMBER, kind="view", reader="view")
    for files in both:
        uid = files.test("not_null", "model.shop.mid", "code")
        node = files.manifest["nodes"][uid]
        node["compiled_code"] = 'select code from "db"."main"."mid"'
        node["config"] = {"fail_calc": counted}
    assert breaks(*both) == []


@pytest.mark.parametrize(
    "head",
    [
        "select id, try_cast(code as int) as code from raw",
        "select id, code::int as code from raw where id < 3",
        # Which rows a sample takes, nobody knows.
        "select id, code::int as code from raw using sample 1 rows",
    ],
)
def test_what_comes_to_an_end_is_not_told(
    tmp_path: Path, breaks: Callable[..., list[Any]], head: str
) -> None:
    assert breaks(*sides(tmp_path, AS_TEXT, head)) == []


def test_what_failed_before_is_not_told(tmp_path: Path, breaks: Callable[..., list[Any]]) -> None:
    again = "select id, code::bigint as code from raw"
    assert breaks(*sides(tmp_path, AS_NUMBER, again)) == []


def test_what_keeps_rows_is_not_run(tmp_path: Path, breaks: Callable[..., list[Any]]) -> None:
    assert breaks(*sides(tmp_path, AS_TEXT, AS_NUMBER, kind="incremental")) == []


def test_a_new_model_is_told(tmp_path: Path, breaks: Callable[..., list[Any]]) -> None:
    both = sides(tmp_path, AS_TEXT, AS_TEXT)
    sql = f"select strptime(code, '%d') as day from {SEED}"
    both[1].model("new", "seed.shop.raw", compiled_code=sql, raw_code=sql)
    assert [(name, certain) for name, _, certain in breaks(*both)] == [("new", True)]


def test_a_seed_that_cannot_be_loaded_is_told(
    tmp_path: Path, breaks: Callable[..., list[Any]]
) -> None:
    both = [project(tmp_path / "base", AS_TEXT), project(tmp_path / "head", AS_TEXT, rows=ROWS)]
    for files, rows in zip(both, ("id,code\n1,10\n", "id,code\n1,ten\n"), strict=True):
        folder = "base" if files is both[0] else "head"
        made = project(tmp_path / f"{folder}_seed", AS_TEXT, rows=rows)
        files.manifest["nodes"] = made.manifest["nodes"]
        files.manifest["nodes"]["seed.shop.raw"]["config"]["column_types"] = {"code": "int"}
    assert [(name, certain) for name, _, certain in breaks(*both)] == [("raw", True)]
