"""What the semantic layer answers equals plain SQL on the raw files."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.integration.test_reconciliation import RAW
from tests.integration.test_tie_out import BILLING

SOLD = (
    RAW
    + """,
products as (
    select product_id, trim(category) as category
    from raw('orders', 'products')
    qualify row_number() over (partition by product_id order by updated_at desc) = 1
),
stores as (
    select store_id, region
    from raw('orders', 'stores')
    qualify row_number() over (partition by store_id order by updated_at desc) = 1
),
lifetime as (
    select customer_id, sum(subtotal_cents - discount_cents) as cents
    from orders where state <> 'cancelled' group by all
),
sold as (
    select
        orders.order_id,
        orders.customer_id,
        items.quantity * items.unit_price_cents - items.discount_cents as cents,
        date_trunc('month', orders.ordered_at)::date as month,
        date_trunc('year', orders.ordered_at)::date as year,
        products.category,
        stores.region,
        case
            when lifetime.cents >= 1000000 then 'platinum' when lifetime.cents >= 500000 then 'gold'
            when lifetime.cents >= 100000 then 'silver' else 'bronze'
        end as tier
    from items
    inner join orders using (order_id)
    inner join products using (product_id)
    inner join stores using (store_id)
    inner join lifetime using (customer_id)
    where orders.state <> 'cancelled' and items._ab_cdc_deleted_at is null
)
"""
)


@pytest.mark.parametrize(
    ("group_by", "column"),
    [
        ("metric_time__month", "month"),
        ("metric_time__year", "year"),
        ("customer__customer_tier", "tier"),
        ("product__product_category", "category"),
        ("store__store_region", "region"),
    ],
)
def test_metrics_equal_sql_on_the_raw_files(
    warehouse: Warehouse, tmp_path: Path, group_by: str, column: str
) -> None:
    answer = tmp_path / "answer.csv"
    metrics = "revenue,orders,active_customers,average_order_value"
    done = warehouse.run(
        "mf",
        "query",
        "--metrics",
        metrics,
        "--group-by",
        group_by,
        "--csv",
        str(answer),
        "--decimals",
        "2",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open(newline="") as file:
        answered = {
            row[group_by][:10]: (
                Decimal(row["revenue"]),
                int(float(row["orders"])),
                int(float(row["active_customers"])),
                round(float(row["average_order_value"]), 2),
            )
            for row in csv.DictReader(file)
        }
    expected = {
        str(key): (
            Decimal(int(cents)) / 100,
            orders,
            customers,
            round(int(cents) / 100 / orders, 2),
        )
        for key, cents, orders, customers in warehouse.query(
            SOLD
            + f"select {column}, sum(cents), count(distinct order_id), count(distinct customer_id) "
            "from sold group by all"
        )
    }
    assert answered == expected


MEMBERSHIPS = (
    BILLING
    + """,
months as (
    select unnest(generate_series(
        date_trunc('month', (select min(effective_at) from changes)),
        date_trunc('month', (select max(issued_at) from invoices)),
        interval 1 month
    )) as month
),
held as (
    select month, customer_id, plan_id
    from months inner join changes on effective_at < month + interval 1 month
    qualify row_number() over (partition by month, subscription_id order by effective_at desc) = 1
),
by_month as (
    select month, sum(price_cents // interval_months) as cents, count(distinct customer_id) as members
    from held inner join plans using (plan_id)
    group by all
)
"""
)


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_what_is_a_level_is_not_summed_over_time(
    warehouse: Warehouse, tmp_path: Path, grain: str
) -> None:
    """MRR of a year is that of its last month, and what it began with that of the month before its first."""
    answer = tmp_path / "answer.csv"
    words = ["--metrics", "mrr,arr,previous_mrr,members", "--group-by", f"metric_time__{grain}"]
    done = warehouse.run("mf", "query", *words, "--csv", str(answer), "--decimals", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open(newline="") as file:
        answered = [
            (
                row[f"metric_time__{grain}"][:10],
                *(Decimal(row[m]) for m in ("mrr", "arr", "previous_mrr")),
                int(float(row["members"])),
            )
            for row in csv.DictReader(file)
        ]
    expected = warehouse.query(
        MEMBERSHIPS
        + f"""
        select
            date_trunc('{grain}', month)::date::varchar, arg_max(cents, month) / 100, arg_max(cents, month) * 12 / 100,
            arg_min(before, month) / 100, arg_max(members, month)
        from (select *, coalesce(lag(cents) over (order by month), 0) as before from by_month)
        group by all
        """
    )
    assert len(expected) >= {"month": 12, "quarter": 4, "year": 2}[grain]
    assert sorted(answered) == sorted(
        (when, Decimal(str(mrr)), Decimal(str(arr)), Decimal(str(before)), members)
        for when, mrr, arr, before, members in expected
    )


def test_the_semantic_layer_is_valid(warehouse: Warehouse) -> None:
    done = warehouse.run("mf", "validate-configs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERRORS: 0" in done.stdout.upper() or "Error" not in done.stdout
