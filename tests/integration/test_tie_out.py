"""Each domain's sums, from the raw files to the marts, by SQL that shares nothing with the models."""

from __future__ import annotations

import pytest

from tests.conftest import Warehouse

BILLING = """
with invoices as (
    select * from raw('billing', 'invoices')
    where invoice_type in ('order', 'subscription')
    qualify row_number() over (partition by invoice_id order by updated_at desc, _airbyte_extracted_at desc) = 1
),
payments as (
    select distinct on (payment_id) * from raw('billing', 'payments') where invoice_id is not null
),
refunds as (select distinct on (refund_id) * from raw('billing', 'refunds')),
plans as (select distinct on (plan_id) * from raw('billing', 'plans')),
changes as (
    select distinct on (change_id) *, lower(change_type) as change
    from raw('billing', 'subscription_changes') where subscription_id is not null
)
"""

TIED = {
    "invoiced": (
        BILLING + "select count(*), sum(amount_cents) from invoices",
        "select count(*), sum(invoiced_amount) * 100 from dev_finance.fct_invoices",
    ),
    "paid": (
        BILLING
        + "select sum(payments.amount_cents) from payments join invoices using (invoice_id) "
        "where payments.status = 'succeeded'",
        "select sum(paid_amount) * 100 from dev_finance.fct_invoices",
    ),
    "refunded": (
        BILLING + "select sum(refunds.amount_cents) from refunds join payments using (payment_id) "
        "join invoices using (invoice_id)",
        "select sum(refunded_amount) * 100 from dev_finance.fct_invoices",
    ),
    "payments whose invoice was not accepted": (
        BILLING + "select count(*) from payments anti join invoices using (invoice_id)",
        "select count(*) from dev_audit.fct_rejected_rows where source_table = 'billing.payments' "
        "and reject_reason like 'invoice was not accepted%'",
    ),
    "recurring revenue today": (
        BILLING
        + """
        select sum(price_cents // interval_months) from (
            select * from changes
            where effective_at < (select date_trunc('month', max(issued_at)) + interval 1 month from invoices)
            qualify row_number() over (partition by subscription_id order by effective_at desc) = 1
        ) join plans using (plan_id)
        """,
        "select sum(mrr_amount) * 100 from dev_finance.fct_mrr_monthly "
        "where month_start_date = (select max(month_start_date) from dev_finance.fct_mrr_monthly)",
    ),
    "spend": (
        """
        select sum(spend_cents), sum(clicks), sum(impressions) from (
            select * from raw('ads', 'daily_spend') where spend_cents >= 0 and clicks >= 0
            qualify row_number() over (
                partition by spend_date, lower(trim(channel)), campaign order by _airbyte_extracted_at desc
            ) = 1
        )
        """,
        "select sum(spend_amount) * 100, sum(clicks), sum(impressions) from dev_marketing.fct_ad_spend",
    ),
    "spend by channel": (
        "select sum(spend_amount) from dev_marketing.fct_ad_spend",
        "select sum(spend_amount) from dev_marketing.fct_channel_performance",
    ),
    "events": (
        """
        select count(distinct event_id), count(distinct event_id) filter (event_type = 'purchase')
        from raw('web', 'events') where anonymous_id is not null
        """,
        "select sum(event_count), sum(purchases) from dev_product.fct_web_sessions",
    ),
    "sessions by channel": (
        "select count(*) from dev_product.fct_web_sessions",
        "select sum(visited_sessions) from dev_product.fct_funnel_daily",
    ),
    "grades": (
        """
        select count(*), sum(total_score), sum(max_score) from (
            select * from raw('maestroqa', 'total_scores') where total_score <= max_score
            qualify row_number() over (
                partition by conversation_id order by updated_at desc, _fivetran_synced desc
            ) = 1
        )
        """,
        "select count(*), sum(total_score), sum(max_score) from dev_support.fct_support_quality",
    ),
    "attributed revenue": (
        "select sum(net_amount) from dev_core.fct_orders join dev_core.dim_store using (store_id) "
        "where is_sold and is_online",
        "select sum(linear_amount) from dev_marketing.fct_order_attribution",
    ),
    "cohort revenue": (
        "select sum(net_amount) from dev_core.fct_orders where is_sold",
        "select sum(revenue_amount) from dev_marketing.customer_cohort_analysis",
    ),
    "customers": (
        "select count(*) from dev_core.dim_customer",
        "select count(*) from dev_customer_360.customer_360_v2",
    ),
}


@pytest.mark.parametrize("what", TIED)
def test_sums_tie_out(warehouse: Warehouse, what: str) -> None:
    theirs, ours = TIED[what]
    expected = warehouse.query(theirs)
    assert warehouse.query(ours) == expected
    assert all(expected[0]), "a sum of nothing proves nothing"


def test_sessions_are_cut_by_half_an_hour_of_silence(warehouse: Warehouse) -> None:
    """Sessionised apart from the model: number, start and length of every session agree."""
    apart = """
        with events as (
            select distinct on (event_id) anonymous_id, occurred_at, event_id
            from raw('web', 'events') where anonymous_id is not null
        ),
        marked as (
            select *, coalesce(occurred_at - lag(occurred_at) over device >= interval 30 minutes, true) as starts
            from events window device as (partition by anonymous_id order by occurred_at, event_id)
        ),
        numbered as (
            select *, count(*) filter (starts) over (
                partition by anonymous_id order by occurred_at, event_id
            ) as number
            from marked
        )
        select anonymous_id, number, min(occurred_at), max(occurred_at), count(*)
        from numbered group by all order by all
    """
    ours = """
        select anonymous_id, session_number, started_at, ended_at, event_count
        from dev_product.fct_web_sessions order by all
    """
    assert warehouse.query(ours) == warehouse.query(apart)


def test_no_raw_name_or_address_is_in_any_public_table(warehouse: Warehouse) -> None:
    """Outside production every stored mart is searched for what people are called."""
    emails = {
        e
        for (e,) in warehouse.query(
            "select distinct lower(trim(email)) from raw('crm', 'customers')"
        )
    }
    assert len(emails) > 500
    schemas = ("core", "finance", "marketing", "product", "support", "customer_360", "audit")
    for table in warehouse.tables():
        if table.split(".")[0].removeprefix("dev_") in schemas:
            for (name,) in warehouse.query(
                "select column_name from information_schema.columns where data_type = 'VARCHAR' "
                f"and table_schema || '.' || table_name = '{table}'"
            ):
                found = {
                    v for (v,) in warehouse.query(f"select distinct lower({name}) from {table}")
                }
                assert not found & emails, (table, name)


def test_in_production_names_are_clear_but_not_those_of_the_forgotten(
    warehouse: Warehouse,
) -> None:
    compiled = warehouse.dbt(
        "--quiet",
        "compile",
        "--inline",
        "{{ mask_pii('email') }}",
        "--vars",
        "targets_with_clear_pii: [dev]",
    )
    assert compiled.strip() == "email"
    ((asked, named),) = warehouse.query(
        """
        select count(*), count(coalesce(first_name, last_name, email))
        from dev_core.dim_customer
        where customer_id in (select customer_id from raw('crm', 'deletion_requests'))
        """
    )
    assert asked > 0
    assert named == 0
