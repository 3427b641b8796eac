"""dbt, run in this process: quietly, and with nothing left open."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.truth.reach import BUILT

_BUILD = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
          "--threads", "1")  # fmt: skip


class Place:
    """Where dbt reads a project and writes what it makes.

    Args:
        environment: ``{database}`` in it stands for the DuckDB file.
    """

    def __init__(
        self, folder: Path, target: Path, database: Path, environment: Mapping[str, str]
    ) -> None:
        self.folder, self.target, self.database = folder, target, database
        self._environment = environment

    @property
    def manifest(self) -> Path:
        return self.target / "manifest.json"

    def modified(self, state: Path) -> list[str] | None:
        """Return what ``state:modified+`` lists, and leave a manifest; None where dbt stops.

        Everything is parsed anew: of an edit that was taken back dbt keeps some, such as an alias.
        """
        self.manifest.unlink(missing_ok=True)
        (self.target / "partial_parse.msgpack").unlink(missing_ok=True)
        words = ["ls", "--select", "state:modified+", "--state", str(state)]
        listed = self._run([*words, "--output", "json", "--output-keys", "unique_id"])
        if listed is None or not self.manifest.exists():
            return None
        found = [json.loads(line)["unique_id"] for line in listed]
        return sorted(uid for uid in found if uid.startswith(BUILT))

    def build(self, chosen: list[str] | None = None) -> tuple[list[str], list[str]] | None:
        """Build, and return what failed and what was skipped; None where dbt stops.

        Args:
            chosen: selectors; None means everything.
        """
        self.manifest.unlink(missing_ok=True)
        result = self._run([*_BUILD, *(("--select", *chosen) if chosen is not None else ())])
        return None if result is None or not self.manifest.exists() else _ended(result)

    def _run(self, words: list[str]) -> Any:
        from dbt.cli.main import dbtRunner

        for key, value in self._environment.items():
            os.environ[key] = value.format(database=self.database)
        let_go()
        words += ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        words += ["--target-path", str(self.target), "--log-path", str(self.target / "logs")]
        words = ["--log-level-file", "none", *words]
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            result = dbtRunner().invoke(["--quiet", *words]).result
        let_go()
        os.chdir(self.folder)
        return result


def _ended(result: Any) -> tuple[list[str], list[str]]:
    failed, skipped = [], []
    for one in getattr(result, "results", ()):
        uid = str(getattr(one.node, "unique_id", ""))
        if uid.startswith(BUILT) and str(one.status) == "skipped":
            skipped.append(uid)
        elif uid.startswith(BUILT) and str(one.status) not in ("success", "pass", "no-op"):
            failed.append(uid)
    return failed, skipped


def let_go() -> None:
    """Make dbt-duckdb close the file: it keeps one connection as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    with contextlib.suppress(Exception):
        DuckDBConnectionManager.close_all_connections()
    gc.collect()
