"""A source that changes its columns is told of, and what can go on goes on."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Warehouse

TEST = "assert_sources_deliver_what_is_described"


@pytest.fixture
def drifted(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """A second file of orders has a column more than the first."""
    drifted = warehouse.copy_to(tmp_path / "home")
    folder = drifted.raw / "orders" / "orders"
    query = f"select *, 'x' as gift_note from '{folder}/*.parquet' limit 9"
    duckdb.sql(query).write_parquet(str(folder / "part_later.parquet"))
    return drifted


def differences(warehouse: Warehouse) -> list[tuple[str, str, str]]:
    """Run the test, which may warn and not fail, and ask its query what it found."""
    done = warehouse.run("dbt", "test", "--select", TEST)
    assert done.returncode == 0, done.stdout
    results = json.loads((warehouse.target / "run_results.json").read_text())["results"]
    (result,) = (r for r in results if r["unique_id"].startswith("test."))
    found = warehouse.query(result["compiled_code"])
    assert result["status"] == ("warn" if found else "pass")
    assert result["failures"] == len(found)
    return sorted(found)


def test_nothing_drifts_in_the_sample_data(warehouse: Warehouse, tmp_path: Path) -> None:
    assert differences(warehouse.copy_to(tmp_path / "home")) == []


def test_an_added_column_is_told_of_and_stops_nothing(drifted: Warehouse) -> None:
    """DuckDB itself takes the columns of the first file, so the new one would go unseen."""
    assert "gift_note" not in [
        row[0] for row in drifted.query("describe from raw('orders', 'orders')")
    ]
    assert differences(drifted) == [("orders.orders", "gift_note", "delivered, not described")]
    drifted.dbt("run", "--select", "stg_orders__orders", "int_orders_deduplicated", "fct_orders")


def test_a_column_that_is_described_and_never_delivered_is_told_of(drifted: Warehouse) -> None:
    sources = drifted.project / "models/staging/orders/_orders__sources.yml"
    text = sources.read_text()
    line = '          - {name: store_name, description: "Name as shown to customers."}\n'
    assert line in text
    extra = '          - {name: never_there, description: "Nothing."}\n'
    sources.write_text(text.replace(line, line + extra))
    assert ("orders.stores", "never_there", "described, not delivered") in differences(drifted)
