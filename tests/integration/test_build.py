"""The project builds from nothing, without a warning, and building again changes nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, Warehouse

# dbt checks a project's YAML against its schema only for some adapters, and DuckDB's is not among them.
ALL_DEPRECATIONS = """
import sys
from dbt.jsonschemas import jsonschemas
jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
from dbt.cli.main import dbtRunner
seen = []
def watch(event):
    if "Deprecat" in event.info.name or event.info.level in ("warn", "error"):
        seen.append(f"{event.info.name}: {event.info.msg}")
result = dbtRunner(callbacks=[watch]).invoke(
    ["--no-partial-parse", "--show-all-deprecations", "parse", *sys.argv[1:]]
)
print("\\n".join(seen))
sys.exit(0 if result.success and not seen else 1)
"""


def test_every_node_succeeds_and_nothing_warns(warehouse: Warehouse) -> None:
    statuses = {result["status"] for result in warehouse.results()}
    assert statuses == {"success", "pass", "no-op"}  # an exposure is a no-op
    log = (warehouse.project / "logs" / "dbt.log").read_text()
    assert "[WARNING]" not in log
    assert "Deprecated" not in log


def test_no_deprecation_hides(warehouse: Warehouse, tmp_path: Path) -> None:
    """Parsed to a folder apart: the manifest of the build is what other tests read."""
    done = subprocess.run(
        [sys.executable, "-c", ALL_DEPRECATIONS],
        cwd=warehouse.project,
        env={**warehouse.environment, "DBT_TARGET_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_deprecation_check_can_fail(warehouse: Warehouse, tmp_path: Path) -> None:
    """A misspelt configuration in a copy of the project is found, so silence means something."""
    copy = tmp_path / "analytics"
    shutil.copytree(warehouse.project, copy, ignore=shutil.ignore_patterns("target", "logs"))
    project = copy / "dbt_project.yml"
    project.write_text(project.read_text().replace("+materialized: view", "+materialised: view"))
    done = subprocess.run(
        [sys.executable, "-c", ALL_DEPRECATIONS],
        cwd=copy,
        env=warehouse.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "materialised" in done.stdout


def test_building_again_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    again = warehouse.copy_to(tmp_path / "again")
    before = again.contents()
    again.dbt("run")
    assert again.contents() == before


def test_every_freshness_check_answers(warehouse: Warehouse) -> None:
    """The test data is old by design: freshness must say so, and say nothing worse."""
    done = warehouse.run("dbt", "source", "freshness")
    assert done.returncode == 1
    assert done.stdout.count("ERROR STALE freshness of") == 8
    assert "Runtime Error" not in done.stdout


def test_make_alone_explains_itself() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for word in ("build", "test", "lock", "parse-v2"):
        assert f"make {word}" in done.stdout
