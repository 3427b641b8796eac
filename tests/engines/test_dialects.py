"""The project on engines that are not here: parsed and compiled by each adapter, and each query read.

No account and no connection: dbt and the adapter are real, the answers to what they ask while they
compile come from offline.py. What they write is parsed in the engine's dialect, and every function
in it must be one that sqlglot knows there. That proves the form, not what an engine makes of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tests.conftest import ANALYTICS, ROOT

pytestmark = pytest.mark.engine

ENGINES = ["snowflake", "bigquery", "redshift", "databricks", "trino", "postgres", "spark"]
DELTA = "spark with delta"
FORMATS = {DELTA: {"ANALYTICS_SPARK_FILE_FORMAT": "delta"}}
HISTORY = {
    "snap_crm__customers",
    "snap_orders__products",
    "dim_customer_history",
    "dim_product_history",
    "fct_orders_as_of",
}
# As profiles.yml asks for them: nothing here is an account of anybody's.
NOBODYS = {
    "SNOWFLAKE": ["ACCOUNT", "USER", "ROLE", "WAREHOUSE", "DATABASE"],
    "BIGQUERY": ["PROJECT"],
    "REDSHIFT": ["HOST", "USER", "DATABASE"],
    "DATABRICKS": ["HOST", "HTTP_PATH", "CATALOG"],
    "TRINO": ["HOST", "USER", "CATALOG"],
}
SECRETS = [
    "SNOWFLAKE_PRIVATE_KEY",
    "REDSHIFT_PASSWORD",
    "DATABRICKS_TOKEN",
    "TRINO_PASSWORD",
]
# Functions of the engine's own that sqlglot passes on without a name for them.
OWN = {
    "snowflake": set(),
    "bigquery": set(),
    "redshift": set(),
    "databricks": set(),
    "trino": {"to_milliseconds"},
    "postgres": {"convert_to"},
    "spark": set(),
}


@dataclass(frozen=True)
class Compiled:
    """What one adapter wrote: for a first run, and for a later one, where tables are there."""

    name: str
    engine: str
    first: dict[str, dict[str, Any]]
    later: dict[str, dict[str, Any]]

    def queries(self) -> dict[str, str]:
        """Each model, snapshot and data test of both runs."""
        return {
            f"{run} {name}": node["compiled_code"]
            for run, nodes in (("first", self.first), ("later", self.later))
            for name, node in nodes.items()
            if node["resource_type"] in ("model", "snapshot", "test") and "compiled_code" in node
        }


def environment(engine: str) -> dict[str, str]:
    """Names that nobody answers to, and the engine's packages, which live apart from the others'."""
    apart = ROOT / ".venv" / "engines" / engine
    names = {f"ANALYTICS_{e}_{word}": "nobodys" for e, words in NOBODYS.items() for word in words}
    secrets = {f"DBT_ENV_SECRET_{word}": "a secret" for word in SECRETS}
    return {
        **os.environ,
        **names,
        **secrets,
        "ANALYTICS_PII_SALT": "nobodys",
        "DBT_TARGET": engine,
        "NO_COLOR": "1",
        **({"PYTHONPATH": str(apart)} if apart.is_dir() else {}),
    }


def compiled(
    engine: str, run: str, project: Path, named: dict[str, str]
) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "engines" / "offline.py", engine, run],
        cwd=project,
        env=named,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    nodes: dict[str, dict[str, Any]] = json.loads(
        (project / "target" / "manifest.json").read_text()
    )["nodes"]
    return nodes


@pytest.fixture(scope="module", params=[*ENGINES, DELTA])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Both runs of one engine."""
    engine = request.param.split()[0]
    project = tmp_path_factory.mktemp(engine) / "analytics"
    shutil.copytree(ANALYTICS, project, ignore=shutil.ignore_patterns("target", "logs"))
    named = {**environment(engine), **FORMATS.get(request.param, {})}
    first, later = (compiled(engine, run, project, named) for run in ("first", "later"))
    return Compiled(request.param, engine, first, later)


def test_each_query_is_of_the_engines_dialect(written: Compiled) -> None:
    queries = written.queries()
    assert len(queries) > 700
    unlike = {}
    for name, sql in queries.items():
        try:
            assert len(sqlglot.parse(sql, read=written.engine)) == 1, name
        except sqlglot.ParseError as error:
            unlike[name] = str(error).splitlines()[0]
    assert unlike == {}


def test_each_function_is_known_to_the_dialect(written: Compiled) -> None:
    strange = {
        call.name.lower(): name
        for name, sql in written.queries().items()
        for call in sqlglot.parse_one(sql, read=written.engine).find_all(exp.Anonymous)
    }
    assert strange.keys() - OWN[written.engine] == set(), strange


def test_a_later_run_asks_for_what_is_new(written: Compiled) -> None:
    """Where the engine can replace rows by key; where it can't, the same query builds it anew."""
    grown = {
        name
        for name, node in written.later.items()
        if node["config"].get("materialized") == "incremental"
    }
    for name in grown:
        assert "2026-01-01 00:00:00" in written.later[name]["compiled_code"], name
        assert "2026-01-01 00:00:00" not in written.first[name]["compiled_code"], name
    assert len(grown) == {"spark": 0, "bigquery": 10, DELTA: 10}.get(written.name, 11)


def test_history_is_left_out_on_plain_files_alone(written: Compiled) -> None:
    models = [n for n in written.first.values() if n["resource_type"] in ("model", "snapshot")]
    left = {node["name"] for node in models if "compiled_code" not in node}
    assert left == (HISTORY if written.name == "spark" else set())
