"""Builds of a dbt project on DuckDB, and what is in them."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Table:
    """A relation as built: a digest of its rows, of each column alone, and the types."""

    rows: str
    columns: dict[str, str]


@dataclass
class Build:
    """One build: relations by unique id, those that failed, and where its artifacts are."""

    target: Path
    tables: dict[str, Table] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    parsed: bool = True


class Builder:
    """Builds copies of one project, in this process.

    Args:
        project: the folder of the project; it is copied, never touched.
        environment: what the project wants in its environment; ``{database}`` stands for the file.
    """

    def __init__(self, project: Path, work: Path, environment: dict[str, str]) -> None:
        self._work = work
        self._environment = environment
        self.folder = work / "project"
        self._base = work / "base_project"
        skipped = shutil.ignore_patterns("target", "logs", ".git", "*.duckdb*")
        shutil.copytree(project, self.folder, ignore=skipped, dirs_exist_ok=True)

    def keep_base(self) -> None:
        """Keep the project as it is, as another folder: like the checkout of a branch point."""
        shutil.copytree(self.folder, self._base, dirs_exist_ok=True)

    def build(self, name: str, of_base: bool = False) -> Build:
        """Build everything anew in a file of its own."""
        from dbt.cli.main import dbtRunner

        target = self._work / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        database = target / "shop.duckdb"
        for key, value in self._environment.items():
            os.environ[key] = value.format(database=database)
        folder = str(self._base if of_base else self.folder)
        words = ["--quiet", "build", "--exclude-resource-type", "test"]
        words += ["--exclude-resource-type", "unit_test", "--project-dir", folder]
        words += ["--profiles-dir", folder, "--target-path", str(target)]
        words += ["--log-path", str(target)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = dbtRunner().invoke(words)
        build = Build(target)
        if result.result is None or not (target / "manifest.json").exists():
            build.parsed = False
            return build
        self._look(build, database, result.result)
        return build

    def _look(self, build: Build, database: Path, result: Any) -> None:
        _let_go()
        connection = duckdb.connect(str(database), read_only=True)
        try:
            for one in result.results:
                node = one.node
                if str(one.status) == "skipped":
                    build.skipped.add(node.unique_id)
                elif str(one.status) not in ("success", "pass"):
                    build.failed.add(node.unique_id)
                elif node.resource_type in ("model", "seed", "snapshot") and node.relation_name:
                    with contextlib.suppress(duckdb.Error):
                        build.tables[node.unique_id] = _table(connection, node.relation_name)
        finally:
            connection.close()


def _let_go() -> None:
    """Make dbt-duckdb close the file: it keeps one connection as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with contextlib.suppress(Exception):
        DuckDBConnectionManager.close_all_connections()
    gc.collect()


def _table(connection: Any, name: str) -> Table:
    result = connection.execute(f"select * from {name}")  # noqa: S608
    names = [one[0] for one in result.description]
    types = [str(one[1]) for one in result.description]
    rows = result.fetchall()
    order = sorted(range(len(names)), key=lambda place: names[place])
    columns = {
        names[place]: _digest([types[place], *sorted(repr(row[place]) for row in rows)])
        for place in order
    }
    lines = sorted(repr([row[place] for place in order]) for row in rows)
    return Table(_digest([*(f"{names[p]} {types[p]}" for p in order), *lines]), columns)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
