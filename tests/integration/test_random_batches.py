"""For every incremental model: after ten random batches it equals a full refresh, row for row."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from analytics_tools.sample_data import LandingOptions, land
from tests.conftest import Warehouse
from tests.integration.random_batches import land_batches

AS_OF = date(2026, 3, 15)
FIRST_RUN = datetime(2026, 3, 15, 2, 15)
INCREMENTAL = "config.materialized:incremental"

# One process for all runs of a test: dbt's start would cost more than the models.
RUNS = """
import json, sys
from dbt.cli.main import dbtRunner
runner = dbtRunner(manifest=dbtRunner().invoke(["--quiet", "parse"]).result)
for line in sys.stdin:
    outcome = runner.invoke(["--quiet", "run", *json.loads(line)])
    print("ok" if outcome.success else "failed", flush=True)
"""
SELECTED = ["--select", f"+{INCREMENTAL}"]


@pytest.fixture(scope="module")
def small(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The project over a small landing, built once; the tests build on in copies."""
    small = warehouse.copy_to(tmp_path_factory.mktemp("small") / "home")
    small.database.unlink()
    land(small.raw, LandingOptions(as_of=AS_OF, scale=3_000, seed=11), replace=True)
    small.dbt("run", *SELECTED)
    return small


def incremental_tables(warehouse: Warehouse) -> list[str]:
    manifest = json.loads((warehouse.target / "manifest.json").read_text())
    nodes = [
        n for n in manifest["nodes"].values() if n["config"].get("materialized") == "incremental"
    ]
    return sorted(f"{node['schema']}.{node['alias']}" for node in nodes)


def rows(warehouse: Warehouse) -> dict[str, list[tuple]]:
    tables = incremental_tables(warehouse)
    assert len(tables) >= 10
    return {table: warehouse.query(f"select * from {table} order by all") for table in tables}


def grow(warehouse: Warehouse, seed: int, batches: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNS],
        cwd=warehouse.project,
        env=warehouse.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as dbt:
        assert dbt.stdin and dbt.stdout
        for batch in range(1, batches + 1):
            land_batches(warehouse.raw, seed, range(batch, batch + 1), FIRST_RUN)
            dbt.stdin.write(json.dumps(SELECTED) + "\n")
            dbt.stdin.flush()
            assert dbt.stdout.readline().strip() == "ok", (seed, batch)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 7))]
)
def test_ten_random_batches_equal_a_full_refresh(
    small: Warehouse, tmp_path: Path, seed: int
) -> None:
    grown = small.copy_to(tmp_path / "grown")
    before = rows(grown)
    grow(grown, seed, batches=10)
    incremental = rows(grown)
    for table, held in before.items():
        assert held != incremental[table], f"the batches left {table} as it was: they prove nothing"
    grown.dbt("run", "--full-refresh", *SELECTED)
    refreshed = rows(grown)
    for table, expected in refreshed.items():
        difference = sorted(set(map(repr, incremental[table])) ^ set(map(repr, expected)))
        assert incremental[table] == expected, (seed, table, difference[:4])


def test_a_build_killed_in_the_middle_and_run_again_equals_an_undisturbed_one(
    small: Warehouse, tmp_path: Path
) -> None:
    land_batches(small.raw, 99, range(1, 3), FIRST_RUN)
    undisturbed, killed = (
        small.copy_to(tmp_path / "undisturbed"),
        small.copy_to(tmp_path / "killed"),
    )
    undisturbed.dbt("run", *SELECTED)
    dice = random.Random(5)
    for _ in range(2):
        kill_after(killed, finished_models=dice.randrange(1, 12))
    killed.dbt("run", *SELECTED)
    assert rows(killed) == rows(undisturbed)


def kill_after(warehouse: Warehouse, finished_models: int) -> None:
    """Start a build and kill it, with no chance to tidy up, once so many models are done."""
    with subprocess.Popen(
        [str(Path(sys.executable).parent / "dbt"), "run", *SELECTED],
        cwd=warehouse.project,
        env=warehouse.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as dbt:
        assert dbt.stdout
        seen = 0
        for line in dbt.stdout:
            seen += " OK created " in line
            if seen == finished_models:
                dbt.send_signal(signal.SIGKILL)
                break
    assert dbt.returncode == -signal.SIGKILL
