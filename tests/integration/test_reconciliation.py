"""Marts against raw files, by SQL that shares nothing with the models: to the row and to the cent."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_tools import sample_data
from tests.conftest import Warehouse

# The newest accepted version of each order and line, written apart from the models.
RAW = """
with orders as (
    select *, lower(trim(status)) as state
    from raw('orders', 'orders')
    where ordered_at is not null and subtotal_cents >= 0
        and lower(trim(status)) in ('placed', 'shipped', 'completed', 'returned', 'cancelled')
    qualify row_number() over (partition by order_id order by updated_at desc, _airbyte_extracted_at desc) = 1
),
items as (
    select *
    from raw('orders', 'order_items')
    where product_id is not null and quantity > 0
    qualify row_number() over (partition by order_item_id order by updated_at desc, _airbyte_extracted_at desc) = 1
)
"""

TABLES = [
    (
        "crm",
        "customers",
        "customer_id",
        "(select * from dev_core.dim_customer where not is_inferred)",
    ),
    ("orders", "orders", "order_id", "dev_core.fct_orders"),
    ("orders", "order_items", "order_item_id", "dev_core.fct_order_items"),
    ("orders", "products", "product_id", "dev_core.dim_product"),
    ("orders", "stores", "store_id", "dev_core.dim_store"),
]


@pytest.mark.parametrize(("source", "table", "key", "mart"), TABLES)
def test_every_raw_row_is_in_a_mart_or_rejected(
    warehouse: Warehouse, source: str, table: str, key: str, mart: str
) -> None:
    """Each key is in the mart or, if none of its versions was accepted, among the rejected."""
    lost = warehouse.query(
        f"""
        select {key} from raw('{source}', '{table}') where {key} is not null
        except
        (
            select {key} from {mart}
            union all
            select record_id::bigint from dev_audit.fct_rejected_rows
            where source_table = '{source}.{table}'
        )
        """
    )
    invented = warehouse.query(
        f"select {key} from {mart} except select {key} from raw('{source}', '{table}')"
    )
    assert (lost, invented) == ([], [])
    keyless, rejected_keyless = warehouse.query(
        f"""
        select count(*) from raw('{source}', '{table}') where {key} is null
        union all
        select count(*) from dev_audit.fct_rejected_rows
        where source_table = '{source}.{table}' and record_id is null
        """
    )
    assert keyless == rejected_keyless


@pytest.mark.parametrize(("source", "table", "key", "mart"), TABLES)
def test_delivered_rows_are_all_explained(
    warehouse: Warehouse, source: str, table: str, key: str, mart: str
) -> None:
    ((delivered, kept, superseded, rejected, unexplained),) = warehouse.query(
        "select delivered_row_count, kept_row_count, superseded_row_count, rejected_row_count, "
        "unexplained_row_count from dev_audit.fct_row_reconciliation "
        f"where source_table = '{source}.{table}'"
    )
    assert [(delivered,)] == warehouse.query(f"select count(*) from raw('{source}', '{table}')")
    assert [(kept,)] == warehouse.query(f"select count(distinct {key}) from {mart}")
    assert delivered == kept + superseded + rejected
    assert unexplained == 0


LANDED = (Path(sample_data.__file__).parent / "tables").glob("*.sql")
DELIVERED = sorted(tuple(path.stem.split("__")) for path in LANDED)


@pytest.mark.parametrize(("source", "table"), DELIVERED)
def test_accepted_and_rejected_rows_are_all_that_was_delivered(
    warehouse: Warehouse, source: str, table: str
) -> None:
    """Counted from the files: each row is accepted by staging or rejected with its reason, never both."""
    ((raw, accepted, rejected, unexplained),) = warehouse.query(
        f"""
        select
            (select count(*) from raw('{source}', '{table}')),
            (select count(*) from dev_staging.stg_{source}__{table} where reject_reason is null),
            (
                select count(*) from dev_audit.fct_rejected_rows
                where source_table = '{source}.{table}' and reject_reason not like '%has not arrived'
            ),
            (
                select unexplained_row_count from dev_audit.fct_row_reconciliation
                where source_table = '{source}.{table}'
            )
        """
    )
    assert raw > 0
    assert raw == accepted + rejected
    assert unexplained == 0


def test_the_dirt_is_there(warehouse: Warehouse) -> None:
    """The other tests prove nothing on clean data."""
    reasons = warehouse.query("select distinct reject_reason from dev_audit.fct_rejected_rows")
    assert len(reasons) >= 6
    ((removed, cancelled, inferred, deleted),) = warehouse.query(
        """
        select
            (select count(*) from dev_core.fct_order_items where is_removed),
            (select count(*) from dev_core.fct_orders where is_cancelled),
            (select count(*) from dev_core.dim_customer where is_inferred),
            (select count(*) from dev_core.dim_customer where is_deleted)
        """
    )
    assert min(removed, cancelled, inferred, deleted) > 0


def test_order_amounts_equal_the_raw_cents(warehouse: Warehouse) -> None:
    assert warehouse.query(
        RAW
        + """
        select count(*), sum(subtotal_cents), sum(discount_cents), sum(tax_cents), sum(total_cents)
        from orders
        """
    ) == warehouse.query(
        """
        select count(*), sum(subtotal_amount) * 100, sum(discount_amount) * 100, sum(tax_amount) * 100,
            sum(total_amount) * 100
        from dev_core.fct_orders
        """
    )


def test_revenue_equals_the_raw_cents_at_both_grains(warehouse: Warehouse) -> None:
    ((by_line,),) = warehouse.query(
        RAW
        + """
        select sum(items.quantity * items.unit_price_cents - items.discount_cents)
        from items inner join orders using (order_id)
        where orders.state <> 'cancelled' and items._ab_cdc_deleted_at is null
        """
    )
    ((by_order,),) = warehouse.query(
        RAW + "select sum(subtotal_cents - discount_cents) from orders where state <> 'cancelled'"
    )
    ((items,),) = warehouse.query(
        "select sum(net_amount) * 100 from dev_core.fct_order_items where is_sold"
    )
    ((orders,),) = warehouse.query(
        "select sum(net_amount) * 100 from dev_core.fct_orders where is_sold"
    )
    ((lifetime,),) = warehouse.query("select sum(lifetime_value) * 100 from dev_core.dim_customer")
    assert by_line == by_order == items == orders == lifetime
