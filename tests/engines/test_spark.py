"""The project on Spark in this machine, with plain Parquet: from nothing, then two days later.

Plain files keep no history, so both engines build what the selector `without_history` leaves.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import ROOT
from tests.engines import macro_cases
from tests.engines.comparing import Table, differences, tables
from tests.engines.conftest import OnEngine, Reference, build_reference, on_engine

pytestmark = pytest.mark.engine

SELECTOR = "without_history"
# The models of a history, by name: the selector leaves out these, and nothing else.
LEFT_OUT = {
    "snap_crm__customers",
    "snap_orders__products",
    "dim_customer_history",
    "dim_product_history",
    "fct_orders_as_of",
}


@dataclass(frozen=True)
class Rows:
    """Spark's rows, as `comparing` asks for them: its tables are Parquet files, which DuckDB reads."""

    warehouse: Path
    views: Path

    def columns(self, table: Table) -> list[str]:
        described = duckdb.connect().execute(f"describe from {self.rows(table, {})}").fetchall()
        return [name for name, *_ in described]

    def rows(self, table: Table, _: dict[str, str]) -> str:
        view = self.views / str(table)
        folder = view if view.is_dir() else self.warehouse / f"{table.schema}.db" / table.name
        return f"read_parquet('{folder}/*.parquet')"


def asked(spark: OnEngine, queries: dict[str, str]) -> dict[str, list[Any]]:
    """The first column of what Spark answers to each."""
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "engines" / "spark_asked.py"],
        input=json.dumps(queries),
        cwd=spark.project,
        env=spark.environment,
        capture_output=True,
        text=True,
        timeout=spark.PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    last = done.stdout.splitlines()[-1]
    answers: dict[str, list[Any]] = json.loads(last, object_hook=_exactly)
    return answers


def _exactly(found: dict[str, Any]) -> Any:
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found


def written(spark: OnEngine) -> Rows:
    """Have Spark write its views down as well."""
    folder = spark.home / "views"
    shutil.rmtree(folder, ignore_errors=True)
    views = [
        f"{node['schema']}.{node['alias']}"
        for node in spark.manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "view"
    ]
    write = "insert overwrite directory '{}/{}' using parquet select * from {}"
    asked(spark, {view: write.format(folder, view, view) for view in views})
    return Rows(Path(spark.settings["ANALYTICS_SPARK_PATH"]) / "warehouse", folder)


@pytest.fixture(scope="module")
def duckdbs(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return build_reference(tmp_path_factory.mktemp("reference"), "--selector", SELECTOR)


@pytest.fixture(scope="module")
def first(duckdbs: Reference, tmp_path_factory: pytest.TempPathFactory) -> OnEngine:
    """The files named to Spark, and the project built from nothing: its selector is the default."""
    home = tmp_path_factory.mktemp("on_spark") / "home"
    made = on_engine(home, duckdbs.first.landed, "spark", ANALYTICS_SPARK_PATH=str(home / "spark"))
    made.load()
    made.dbt("build")
    return made


@pytest.fixture(scope="module")
def later(first: OnEngine, duckdbs: Reference) -> OnEngine:
    """Two days on: new orders, late changes of old ones, cancellations."""
    grown = replace(first, landed=duckdbs.later.landed)
    grown.load()
    grown.dbt("build")
    return grown


def test_the_selector_leaves_out_histories_alone(first: OnEngine) -> None:
    built = {name for name in first.outcomes() if name.split(".")[0] in ("model", "snapshot")}
    kinds = ("model", "snapshot")
    nodes = {n["unique_id"]: n for n in first.manifest()["nodes"].values()}
    every = {name for name, node in nodes.items() if node["resource_type"] in kinds}
    assert {nodes[name]["name"] for name in every - built} == LEFT_OUT


def test_every_macro_answers_as_on_duckdb(first: OnEngine) -> None:
    compiled = first.apart().dbt("--quiet", "compile", "--inline", macro_cases.inline())
    answers = asked(first, macro_cases.queries(compiled))
    found = {case: [macro_cases.plain(value) for value in answers[case]] for case in answers}
    assert found == {case: expected for case, (_, expected) in macro_cases.CASES.items()}


def test_every_node_ends_as_on_duckdb(first: OnEngine, duckdbs: Reference) -> None:
    assert first.outcomes() == duckdbs.first.outcomes()


def test_every_table_equals_duckdbs(first: OnEngine, duckdbs: Reference) -> None:
    compared = tables(first.manifest(), left_out=LEFT_OUT)
    assert len(compared) > 75
    assert differences(duckdbs.first.database, written(first), compared) == []


def test_days_later_every_node_ends_as_on_duckdb(later: OnEngine, duckdbs: Reference) -> None:
    assert later.outcomes() == duckdbs.later.outcomes()


def test_days_later_every_table_equals_duckdbs(later: OnEngine, duckdbs: Reference) -> None:
    compared = tables(later.manifest(), left_out=LEFT_OUT)
    assert differences(duckdbs.later.database, written(later), compared) == []
