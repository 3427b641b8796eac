"""Lineage read ahead on several cores, from the cache without a parser, and without ``ref``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics_tools.artifacts import Project, load_project
from analytics_tools.artifacts.code import Code, read_code
from analytics_tools.lineage import Lineages, ahead
from analytics_tools.lineage.cache import Cache
from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]


def chain(number: int = 12) -> ProjectFiles:
    """Models in three levels, one of them unreadable, one Python."""
    files = ProjectFiles()
    raw = files.model("raw", compiled_code="select 1 as id, 2 as amount")
    for place in range(number):
        sql = f'select id, amount + {place} as amount from "db"."main"."raw"'
        above = files.model(f"stg_{place}", raw, compiled_code=sql)
        sql = f'select id, sum(amount) as total from "db"."main"."stg_{place}" group by id'
        files.model(f"fct_{place}", above, compiled_code=sql)
    files.model("broken", raw, compiled_code="select from where (")
    files.model("python", raw, compiled_code="def model(dbt, session): ...", language="python")
    return files


def read(folder: Path) -> tuple[Project, Code]:
    path = folder if folder.suffix == ".json" else folder / "manifest.json"
    return load_project(path), read_code(path)


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_ENOUGH", 3)
    monkeypatch.setattr(ahead, "_cores", lambda: 2)


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux")
@pytest.mark.usefixtures("two_cores")
def test_read_ahead_is_as_read_alone(tmp_path: Path) -> None:
    project, code = read(chain().write(tmp_path))
    alone = Lineages(project, code)
    cache = Cache(tmp_path / "cache")
    both = Lineages(project, code, memory=cache)
    ahead.read_ahead(both, cache, project.relations)
    assert cache.size >= 10  # what the other process read
    for uid in project.relations:
        assert both.reading(uid) == alone.reading(uid)
    cache.save()
    assert Cache(tmp_path / "cache").size == 25  # what is unreadable is not kept


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux")
@pytest.mark.usefixtures("two_cores")
def test_a_copy_that_dies_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, code = read(chain().write(tmp_path))
    here, packed = os.getpid(), Cache.packed

    def die(entries: dict[str, bytes]) -> bytes:
        if os.getpid() != here:
            os._exit(9)
        return packed(entries)

    monkeypatch.setattr(Cache, "packed", staticmethod(die))
    cache = Cache(tmp_path / "cache")
    both = Lineages(project, code, memory=cache)
    ahead.read_ahead(both, cache, project.relations)
    assert both.reading("model.shop.fct_7").relation.columns.keys() == {"id", "total"}


def test_what_is_in_the_cache_takes_no_parser(tmp_path: Path) -> None:
    folder = chain().write(tmp_path, catalog=True)
    code = (
        "import sys\n"
        "from analytics_tools.cli import main\n"
        f"try: main(['lineage', '--manifest', {str(folder)!r}])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('sqlglot', 'jinja2') if n in sys.modules])"
    )
    words = [sys.executable, "-c", code]
    first, second = (
        subprocess.run(words, check=True, capture_output=True, text=True) for _ in range(2)
    )
    assert first.stdout.endswith("['sqlglot']\n")
    files = chain()
    del files.manifest["nodes"]["model.shop.broken"]  # what can't be read is tried each time
    folder = files.write(tmp_path, catalog=True)
    second = subprocess.run(words, check=True, capture_output=True, text=True)
    assert second.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    "named",
    [
        'from "db"."main"."customers"',
        "FROM main.customers as c",
        "from raw\njoin -- why\n main.customers using (id)",
        "from raw, main.customers",
        "from raw as r , customers",
    ],
)
def test_a_read_without_ref_is_a_read(named: str, ask: Ask, tmp_path: Path) -> None:
    """dbt doesn't know of it: neither its graph nor its order has it."""

    def project(value: str) -> ProjectFiles:
        files = ProjectFiles()
        raw = files.model("raw", compiled_code="select 1 as id")
        sql = f"select count(*) as number {named}"
        files.model("a_reader", raw, compiled_code=sql, raw_code=sql)
        sql = f'select {value} as id, 2 as amount from "db"."main"."raw" where id > {value}'
        files.model("customers", raw, compiled_code=sql, raw_code=sql)
        return files

    base, head = project("1").write(tmp_path / "a"), project("2").write(tmp_path / "b")
    found = ask("changes", "--base", base, "--head", head)["rebuild"]
    assert set(found) == {"model.shop.customers", "model.shop.a_reader"}
    again = ask("changes", "--base", base, "--head", head)["rebuild"]  # from the cache
    assert again == found


def test_a_cte_is_no_read_of_a_model(ask: Ask, tmp_path: Path) -> None:
    def project(value: str) -> ProjectFiles:
        files = ProjectFiles()
        raw = files.model("raw", compiled_code="select 1 as id")
        sql = 'with customers as (select * from "db"."main"."raw") select id from customers'
        files.model("reader", raw, compiled_code=sql, raw_code=sql)
        sql = f"select {value} as id"
        files.model("customers", raw, compiled_code=sql, raw_code=sql)
        return files

    base, head = project("1").write(tmp_path / "a"), project("2").write(tmp_path / "b")
    found = ask("changes", "--base", base, "--head", head)["rebuild"]
    assert found == ["model.shop.customers"]
