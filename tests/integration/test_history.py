"""History kept by snapshots, built by dbt on deliveries in which customers leave, vanish and come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import AS_OF, Warehouse

CHAIN = (
    "stg_crm__customers",
    "int_customers_deduplicated",
    "int_customers_tracked",
    "snap_crm__customers",
    "dim_customer_history",
)
FLAGGED, VANISHED = 7, 8  # two customers
State = list[tuple[Any, ...]]


def rewrite(raw: Path, sql: str) -> None:
    """Replace the delivered customers by a query over them, as a connector's full sync would."""
    connection = duckdb.connect()
    connection.execute("create table customers as " + sql.format(rows=f"'{raw}/*.parquet'"))
    for old in raw.glob("*.parquet"):
        old.unlink()
    connection.execute(f"copy customers to '{raw}/part_rewritten.parquet'")


def flagged(day: int, deleted: bool) -> str:
    """All rows, and one customer's newest again: changed at noon of a day, delivered the night after."""
    at = AS_OF + timedelta(days=day)
    return f"""
        from {{rows}}
        union all
        select * replace (
            {deleted} as _fivetran_deleted,
            timestamp '{at} 12:00:00' as updated_at,
            timestamp '{at + timedelta(days=1)} 02:15:00' as _fivetran_synced
        )
        from {{rows}} where customer_id = {FLAGGED}
        qualify row_number() over (order by updated_at desc, _fivetran_synced desc) = 1
    """


def history(warehouse: Warehouse) -> State:
    return warehouse.query(
        "select customer_id, is_deleted, is_current, valid_from::varchar, valid_to::varchar "
        f"from dev_core.dim_customer_history where customer_id in ({FLAGGED}, {VANISHED}) order by all"
    )


@pytest.fixture(scope="module")
def states(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, State, State]:
    """One customer is flagged as deleted, another gone without a word; then both are back."""
    home = tmp_path_factory.mktemp("history")
    moved = warehouse.copy_to(home / "home")
    raw = moved.raw / "crm" / "customers"
    duckdb.sql(f"from '{raw}/*.parquet' where customer_id = {VANISHED}").write_parquet(
        str(home / "vanished.parquet")
    )
    found: list[State] = []
    for sql in (
        f"from ({flagged(1, True)}) where customer_id is distinct from {VANISHED}",
        f"from ({flagged(3, False)}) union all from '{home}/vanished.parquet'",
    ):
        rewrite(raw, sql)
        moved.dbt(
            "build", "--select", *CHAIN, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"
        )  # fmt: skip
        found.append(history(moved))
    return moved, found[0], found[1]


def test_who_is_deleted_is_so_from_then_on(states: tuple[Warehouse, State, State]) -> None:
    _, gone, _ = states
    assert (FLAGGED, True, True, "2026-03-16 12:00:00", "9999-12-31 00:00:00") in gone
    assert [row[:3] for row in gone if row[0] == VANISHED] == [
        (VANISHED, False, False),
        (VANISHED, True, True),
    ]


def test_who_comes_back_is_deleted_no_more(states: tuple[Warehouse, State, State]) -> None:
    """The time in between stays where the source dates it; what it does not date leaves no gap."""
    _, _, back = states
    assert back == [
        (FLAGGED, False, False, "1900-01-01 00:00:00", "2026-03-16 12:00:00"),
        (FLAGGED, False, True, "2026-03-18 12:00:00", "9999-12-31 00:00:00"),
        (FLAGGED, True, False, "2026-03-16 12:00:00", "2026-03-18 12:00:00"),
        (VANISHED, False, True, "1900-01-01 00:00:00", "9999-12-31 00:00:00"),
    ]


def test_every_customer_has_one_version_in_force(states: tuple[Warehouse, State, State]) -> None:
    moved, _, _ = states
    ((customers, current, broken),) = moved.query(
        """
        select count(distinct customer_id), count(*) filter (is_current), count(*) filter (next <> valid_to)
        from (
            select *, lead(valid_from) over (partition by customer_id order by valid_from) as next
            from dev_core.dim_customer_history
        )
        """
    )
    assert customers == current > 900
    assert broken == 0
