"""What all tests share: the sample data and the dbt project, landed and built once a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest
from hypothesis import settings

from analytics_tools.sample_data import LandingOptions, land

# The same examples on every run, so that a change is to blame when a test fails; other examples with
# HYPOTHESIS_PROFILE=random.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

ROOT = Path(__file__).parent.parent
ANALYTICS = ROOT / "analytics"
AS_OF = date(2026, 3, 15)


@dataclass(frozen=True)
class Warehouse:
    """A folder with raw files, a copy of the dbt project, and the DuckDB file built from them."""

    PATIENCE: ClassVar[int] = 300  # seconds a command may take
    home: Path

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def database(self) -> Path:
        return self.home / "dev.duckdb"

    @property
    def project(self) -> Path:
        return self.home / "analytics"

    @property
    def target(self) -> Path:
        return self.project / "target"

    @property
    def artifacts(self) -> Path:
        """What the first build left; later commands overwrite `target`."""
        return self.home / "artifacts"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANALYTICS_RAW_PATH": str(self.raw),
            "ANALYTICS_DUCKDB_PATH": str(self.database),
            "ANALYTICS_AS_OF": f"{AS_OF} 06:00:00",
            "DBT_TARGET": "dev",
            "NO_COLOR": "1",
        }

    def run(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment (dbt, mf) inside the project, as a user would."""
        return subprocess.run(
            [str(Path(sys.executable).parent / command), *words],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=self.PATIENCE,
            check=False,
        )

    def dbt(self, *words: str) -> str:
        done = self.run("dbt", *words)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse; `raw(<source>, <table>)` reads the landed files."""
        connection = duckdb.connect(str(self.database), read_only=True)
        try:
            connection.execute(
                "create or replace temp macro raw(source, name) as table "
                f"select * from read_parquet('{self.raw}/' || source || '/' || name || '/*.parquet')"
            )
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def results(self) -> list[dict[str, Any]]:
        """What the first build did."""
        return json.loads((self.artifacts / "run_results.json").read_text())["results"]

    def tables(self) -> list[str]:
        """Every table dbt built, as schema.name, but the log of its runs; views follow from them."""
        rows = self.query(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_type = 'BASE TABLE' and table_name <> 'dbt_run_log' order by 1"
        )
        return [name for (name,) in rows]

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of every table, in one canonical order."""
        return {name: self.query(f"select * from {name} order by all") for name in self.tables()}

    def copy_to(self, home: Path) -> Warehouse:
        shutil.copytree(self.home, home)
        return Warehouse(home)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The project built from nothing at a small scale. Read it; build only in a copy."""
    built = Warehouse(tmp_path_factory.mktemp("warehouse"))
    land(built.raw, LandingOptions(as_of=AS_OF, scale=20_000, seed=7))
    shutil.copytree(ANALYTICS, built.project, ignore=shutil.ignore_patterns("target", "logs"))
    built.dbt("build")
    built.artifacts.mkdir()
    for name in ("manifest.json", "run_results.json"):
        shutil.copy(built.target / name, built.artifacts)
    return built
