"""The project builds from nothing, without a warning, and its figures are those of the files."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parent.parent

# dbt checks YAML against its schema only for some adapters, and DuckDB's is not among them.
ALL_DEPRECATIONS = """
import sys
from dbt.jsonschemas import jsonschemas
jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
from dbt.cli.main import dbtRunner
seen = []
def watch(event):
    if "Deprecat" in event.info.name or event.info.level in ("warn", "error"):
        seen.append(f"{event.info.name}: {event.info.msg}")
words = ["--no-partial-parse", "--show-all-deprecations", "parse"]
result = dbtRunner(callbacks=[watch]).invoke(words)
print("\\n".join(seen))
sys.exit(0 if result.success and not seen else 1)
"""


def run(home: Path, *words: str) -> str:
    """Run a command inside the copy of the project; what it said."""
    environment = {
        **os.environ,
        "ANALYTICS_RAW_PATH": str(ROOT / "sample"),
        "ANALYTICS_DUCKDB_PATH": str(home / "dev.duckdb"),
        "DBT_TARGET": "dev",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        words, cwd=home / "analytics", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, built from the sample. Only to be read."""
    home = tmp_path_factory.mktemp("project")
    shutil.copytree(
        ROOT / "analytics", home / "analytics", ignore=shutil.ignore_patterns("target", "logs")
    )
    run(home, str(Path(sys.executable).parent / "dbt"), "build")
    return home


@pytest.fixture(scope="session")
def manifest(home: Path) -> dict[str, Any]:
    path = home / "analytics" / "target" / "manifest.json"
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def test_every_node_succeeds_and_nothing_warns(home: Path) -> None:
    results = json.loads((home / "analytics" / "target" / "run_results.json").read_text())
    assert {r["status"] for r in results["results"]} == {"success", "pass", "no-op"}
    assert "[WARNING]" not in (home / "analytics" / "logs" / "dbt.log").read_text()


def test_no_deprecation_hides(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    run(copy, sys.executable, "-c", ALL_DEPRECATIONS)


def test_each_metric_can_be_asked_for(home: Path) -> None:
    """dbt parses a metric without asking whether what its filter names is there."""
    run(home, str(Path(sys.executable).parent / "mf"), "validate-configs")


def test_each_model_and_column_is_described(home: Path, manifest: dict[str, Any]) -> None:
    models = [
        n
        for n in manifest["nodes"].values()
        if n["resource_type"] == "model" and n["package_name"] == "analytics"
    ]
    assert models
    with duckdb.connect(str(home / "dev.duckdb"), read_only=True) as warehouse:
        for model in models:
            assert model["description"], model["name"]
            assert model["config"]["meta"]["grain"], model["name"]
            built = warehouse.execute(
                "select column_name from information_schema.columns "
                "where table_schema = ? and table_name = ?",
                [model["schema"], model["alias"]],
            ).fetchall()
            described = {n for n, column in model["columns"].items() if column["description"]}
            assert described == {name for (name,) in built}, model["name"]


def test_revenue_is_that_of_the_files(home: Path) -> None:
    """Summed in Python from the raw rows: of each order the version made last, if not cancelled."""
    latest: dict[str, dict[str, str]] = {}
    for path in (ROOT / "sample" / "shop" / "orders").glob("*.csv"):
        for row in csv.DictReader(path.read_text().splitlines()):
            held = latest.get(row["order_id"])
            if held is None or row["updated_at"] > held["updated_at"]:
                latest[row["order_id"]] = row
    sold = [r for r in latest.values() if r["status"].strip().lower() != "cancelled"]
    assert 0 < len(sold) < len(latest)
    with duckdb.connect(str(home / "dev.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "select sum(net_amount) from dev_core.fct_orders where is_sold"
        ).fetchone()
    assert found == (sum(Decimal(r["amount_cents"]) for r in sold) / 100,)
