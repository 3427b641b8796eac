"""Builds of a dbt project on DuckDB: before an edit, and after each."""

from __future__ import annotations

import contextlib
import gc
import gzip
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from benchmarks.truth.contents import Table, table_of
from benchmarks.truth.plans import Change

_BUILT = ("model", "seed", "snapshot")
_BUILD = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
          "--threads", "1")  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A project to edit; ``{database}`` in its environment stands for the DuckDB file.

    `left_out` are models of what a run writes about itself: no two runs have them alike. A second
    day has its own `later_environment`, and the lines `later_rows` more in some of the seeds.
    """

    name: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    later_environment: Mapping[str, str] = field(default_factory=dict)
    later_rows: Mapping[str, str] = field(default_factory=dict)


class Build(msgspec.Struct):
    """What one build made: relations by unique id, and what failed or was skipped.

    `modified` is what ``dbt ls --select state:modified+`` lists against the base. `later` is how
    the relations stand after a run of the second day, where the edit may show only then.
    """

    parsed: bool = True
    tables: dict[str, Table] = {}
    failed: list[str] = []
    skipped: list[str] = []
    modified: list[str] = []
    later: dict[str, Table] = {}
    later_skipped: list[str] = []


class Builder:
    """Builds one project in this process; `home` keeps the builds from one run to the next."""

    def __init__(self, subject: Subject, home: Path) -> None:
        self.subject = subject
        self.home = home
        self.base, self.head = home / "base", home / "head"
        self.noisy: dict[str, set[str]] = {}
        for folder in (self.base, self.head):
            shutil.rmtree(folder, ignore_errors=True)
            left = shutil.ignore_patterns("target", "logs", ".git", "*.duckdb*")
            shutil.copytree(subject.folder, folder, ignore=left)

    def start(self) -> Build:
        """Build the project as it is, twice: columns that differ then tell nothing."""
        base, again = self._build(self.base, "base"), self._build(self.head, "again")
        if not base.parsed or base.failed:
            raise SystemExit(f"{self.subject.name} does not build: {base.failed[:5]}")
        for name, folder, build in (("base", self.base, base), ("again", self.head, again)):
            self._go_on(folder, name, build)
        for one, two in ((base.tables, again.tables), (base.later, again.later)):
            for uid, table in one.items():
                other = two[uid].columns
                found = {c for c, made in table.columns.items() if other.get(c) != made}
                self.noisy[uid] = self.noisy.get(uid, set()) | found
        base = self._build(self.base, "base")
        self._go_on(self.base, "base", base)
        return base

    @contextlib.contextmanager
    def edited(self, change: Change) -> Any:
        """Give the project's head with an edit in it, and take the edit back."""
        before = {name: _text(self.head / name) for name in change}
        try:
            _write(self.head, change)
            yield
        finally:
            _write(self.head, before)

    def truth(self, key: str, change: Change) -> tuple[Build, bytes]:
        """Build the head as it stands, or remember how it was built; with its manifest."""
        kept, manifest = self.home / f"{key}.json", self.home / f"{key}.manifest.gz"
        if not kept.exists():
            build = self._build(self.head, "head", state=self.home / "base.target")
            path = self.home / "head.target" / "manifest.json"
            manifest.write_bytes(gzip.compress(path.read_bytes() if build.parsed else b"{}", 1))
            if build.parsed and not build.failed and self._may_show_later(change):
                self._go_on(self.head, "head", build)
            kept.write_bytes(msgspec.json.encode(build))
        build = msgspec.json.decode(kept.read_bytes(), type=Build)
        return build, gzip.decompress(manifest.read_bytes())

    def _build(self, folder: Path, name: str, state: Path | None = None) -> Build:
        target = self.home / f"{name}.target"
        if name != "head":
            shutil.rmtree(target, ignore_errors=True)
        database = self._database(name)
        _let_go()
        shutil.rmtree(database.parent, ignore_errors=True)
        database.parent.mkdir(parents=True)
        place = self._place(folder, name, target, self.subject.environment)
        build = Build()
        result = _dbt([*_BUILD, *place])
        if result is None or not (target / "manifest.json").exists():
            return Build(parsed=False)
        build.failed, build.skipped = _ended(result)
        if state is not None:
            words = ["--no-write-json", "ls", "--select", "state:modified+", "--state", str(state)]
            words += ["--output", "json", "--output-keys", "unique_id"]
            listed = _dbt([*words, *place])
            found = [json.loads(line)["unique_id"] for line in listed or ()]
            build.modified = sorted(uid for uid in found if uid.startswith(_BUILT))
        with self._opened(name) as connection:
            build.tables = self._look(connection, {*build.failed, *build.skipped}, _named(target))
        return build

    def _go_on(self, folder: Path, name: str, build: Build) -> None:
        """Land the second day and run once more on what the first has built."""
        more = self.subject.later_rows
        if not (more or self.subject.later_environment):
            return
        target = self.home / f"{name}_later.target"
        before = {path: _text(folder / path) for path in more}
        _write(folder, {path: before[path] + text for path, text in more.items() if before[path]})
        try:
            environment = {**self.subject.environment, **self.subject.later_environment}
            result = _dbt([*_BUILD, *self._place(folder, name, target, environment)])
        finally:
            _write(folder, before)
        failed, build.later_skipped = _ended(result)
        with self._opened(name) as connection:
            lost = {*failed, *build.later_skipped}
            build.later = self._look(connection, lost, _named(target))

    def _may_show_later(self, change: Change) -> bool:
        """Whether an edit touches what later runs may do otherwise than the first, by its files."""
        return any(
            path.startswith(("snapshots/", "macros/"))
            or any("incremental" in (text or "") for text in (after, _text(self.base / path)))
            for path, after in change.items()
        )

    def _place(
        self, folder: Path, name: str, target: Path, environment: Mapping[str, str]
    ) -> list[str]:
        """Set the environment of a run of dbt, and return where it reads and writes."""
        (target / "manifest.json").unlink(missing_ok=True)
        for key, value in environment.items():
            os.environ[key] = value.format(database=self._database(name))
        place = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
        return [*place, "--target-path", str(target), "--log-path", str(self.home / "logs")]

    def _database(self, name: str) -> Path:
        return self.home / f"{name}.database" / "bench.duckdb"

    @contextlib.contextmanager
    def _opened(self, name: str) -> Any:
        _let_go()
        connection = duckdb.connect(str(self._database(name)), read_only=True)
        try:
            yield connection
        finally:
            connection.close()

    def _look(self, connection: Any, lost: set[str], named: Mapping[str, str]) -> dict[str, Table]:
        found = {}
        for uid, name in named.items():
            if uid not in lost:
                with contextlib.suppress(duckdb.Error):
                    found[uid] = table_of(connection, name, self.noisy.get(uid, ()))
        return found


def _dbt(words: list[str]) -> Any:
    """Run dbt quietly; None when it came to nothing at all."""
    from dbt.cli.main import dbtRunner

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return dbtRunner().invoke(["--quiet", *words]).result


def _ended(result: Any) -> tuple[list[str], list[str]]:
    failed, skipped = [], []
    for one in getattr(result, "results", ()):
        uid = str(getattr(one.node, "unique_id", ""))
        if uid.startswith(_BUILT) and str(one.status) == "skipped":
            skipped.append(uid)
        elif uid.startswith(_BUILT) and str(one.status) not in ("success", "pass", "no-op"):
            failed.append(uid)
    return failed, skipped


def _named(target: Path) -> dict[str, str]:
    """Return the relations of a manifest by unique id."""
    nodes = json.loads((target / "manifest.json").read_bytes())["nodes"]
    return {
        uid: node["relation_name"]
        for uid, node in nodes.items()
        if uid.startswith(_BUILT) and node.get("relation_name")
        and node["config"].get("materialized") != "ephemeral"
    }  # fmt: skip


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _write(folder: Path, change: Change) -> None:
    for name, text in change.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def _let_go() -> None:
    """Make dbt-duckdb close the file: it keeps one connection as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with contextlib.suppress(Exception):
        DuckDBConnectionManager.close_all_connections()
    gc.collect()
