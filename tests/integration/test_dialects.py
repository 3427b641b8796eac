"""What the project compiles to, said in the dialects of the engines it is meant for.

Read from the SQL of DuckDB, without any other engine's adapter. What those adapters make of the
project themselves is compiled, and parsed, by `make test-engines`: tests/engines/test_dialects.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlglot
from sqlglot import ErrorLevel
from sqlglot.dialects.duckdb import DuckDB

from tests.conftest import Warehouse

DIALECTS = ["snowflake", "bigquery", "redshift", "databricks", "trino", "postgres", "spark"]


class WithoutNulls(DuckDB):
    """DuckDB's dialect, but where nothing is said of nulls there are none to order.

    What depends on their order says so (`nulls last`), because engines differ. Else sqlglot adds
    DuckDB's habit to each `order by`, where BigQuery's windows can't take it.
    """

    NULL_ORDERING = "nulls_are_small"


@pytest.fixture(scope="module")
def compiled(warehouse: Warehouse) -> dict[str, sqlglot.Expression]:
    """Each model and snapshot of the project, parsed once."""
    manifest: dict[str, Any] = json.loads((warehouse.artifacts / "manifest.json").read_text())
    return {
        node["unique_id"]: sqlglot.parse_one(node["compiled_code"], read=WithoutNulls)
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "snapshot")
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_model_can_be_said_in_the_dialect(
    compiled: dict[str, sqlglot.Expression], dialect: str
) -> None:
    """A construct that the dialect lacks raises, and what is said is SQL of that dialect."""
    assert len(compiled) > 80
    for name, tree in compiled.items():
        said = tree.sql(dialect, unsupported_level=ErrorLevel.RAISE)
        assert len(sqlglot.parse(said, read=dialect)) == 1, name
