"""After new days with late changes, an incremental build equals a full refresh, row for row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from analytics_tools.sample_data import append
from tests.conftest import AS_OF, Warehouse


@pytest.fixture(scope="module")
def grown(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two landings after the first build, of one and of three weeks, each built incrementally."""
    grown = warehouse.copy_to(tmp_path_factory.mktemp("grown") / "home")
    for days in (1, 22):
        append(grown.raw, AS_OF + timedelta(days=days))
        grown.dbt("run")
    return grown


def test_new_days_bring_late_changes(warehouse: Warehouse, grown: Warehouse) -> None:
    """Orders known before changed, some of them long after they were placed."""
    before = dict(warehouse.query("select order_id, order_status from dev_core.fct_orders"))
    after = grown.query("select order_id, order_status, order_date from dev_core.fct_orders")
    changed = [
        (status, order_date)
        for order_id, status, order_date in after
        if order_id in before and before[order_id] != status
    ]
    assert len(after) > len(before)
    assert {"cancelled", "completed", "returned"} <= {status for status, _ in changed}
    assert min(order_date for _, order_date in changed) < AS_OF - timedelta(days=30)


def test_incremental_equals_full_refresh(grown: Warehouse, tmp_path: Path) -> None:
    incremental = grown.contents()
    anew = grown.copy_to(tmp_path / "anew")
    anew.dbt("run", "--full-refresh")
    refreshed = anew.contents()
    assert incremental.keys() == refreshed.keys()
    for table, rows in incremental.items():
        assert rows == refreshed[table], table


def test_all_tests_pass_on_what_grew(grown: Warehouse) -> None:
    grown.dbt("test", "--exclude", "test_type:unit")
