"""The truth bench: views that must be made anew though they show the same today."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.changes.side import Side
from benchmarks.truth.views import made_anew
from tests.unit.project_files import ProjectFiles

ROWS = "select range as id, range % 7 as grp from range(50)"


def side(folder: Path, sql: str, above: str, name: str = "mid", kind: str = "view") -> Side:
    """A seed, a table on it, and a view on that."""
    files = ProjectFiles()
    files.manifest["nodes"]["seed.shop.raw"] = {
        "resource_type": "seed", "unique_id": "seed.shop.raw", "name": "raw", "schema": "main",
        "package_name": "shop", "relation_name": '"db"."main"."raw"', "config": {},
        "original_file_path": "seeds/raw.csv", "depends_on": {"nodes": []},
    }  # fmt: skip
    mid = files.model(name, "seed.shop.raw", compiled_code=above)
    sql = sql.replace("mid", f'"db"."main"."{name}"')
    files.model("shown", mid, compiled_code=sql, materialized=kind)
    path = files.write(folder) / "manifest.json"
    return Side(load_project(path), read_code(path))


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as db")
        connection.execute(f"create table db.main.raw as {ROWS}")
        connection.execute("create table db.main.mid as from db.main.raw")
        yield connection


PLAIN = 'select id, grp from "db"."main"."raw"'


@pytest.mark.parametrize(
    ("base", "head", "above", "found"),
    [
        ("select * from mid", "select distinct * from mid", PLAIN, True),
        ("select * from mid", "select distinct * from mid", PLAIN + " group by all", False),
        ("select id from mid", "select id from mid where id is not null", PLAIN, True),
        ("select id from mid where id > 1", "select id from mid where not id <= 1", PLAIN, False),
        # Which row is first hangs on their order, and another column is unknown.
        ("select first(id) as n from mid", "select last(id) as n from mid", PLAIN, False),
        ("select id from mid", "select nothing as id from mid", PLAIN, False),
    ],
)
def test_a_view_that_other_rows_tell_apart(
    tmp_path: Path, base: str, head: str, above: str, found: bool
) -> None:
    sides = side(tmp_path / "base", base, above), side(tmp_path / "head", head, above)
    assert made_anew(*sides, set(), {}, opened) == ({"model.shop.shown"} if found else set())


@pytest.mark.parametrize(("kind", "found"), [("view", {"model.shop.shown"}), ("table", set())])
def test_a_view_on_what_is_built_no_longer(tmp_path: Path, kind: str, found: set[str]) -> None:
    sql = "select id from mid"
    sides = [side(tmp_path / name, sql, PLAIN, name, kind) for name in ("old", "new")]
    assert made_anew(sides[0], sides[1], set(), {}, opened) == found
