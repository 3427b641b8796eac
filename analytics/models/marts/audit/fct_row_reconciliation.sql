with deliveries as (

    select * from {{ ref('int_deliveries_counted') }}

),

rejected_rows as (

    select * from {{ ref('fct_rejected_rows') }}

),

dim_customer as (

    select * from {{ ref('dim_customer') }}

),

int_accounts_deduplicated as (

    select * from {{ ref('int_accounts_deduplicated') }}

),

int_deletion_requests_deduplicated as (

    select * from {{ ref('int_deletion_requests_deduplicated') }}

),

fct_orders as (

    select * from {{ ref('fct_orders') }}

),

fct_order_items as (

    select * from {{ ref('fct_order_items') }}

),

dim_product as (

    select * from {{ ref('dim_product') }}

),

int_product_categories_deduplicated as (

    select * from {{ ref('int_product_categories_deduplicated') }}

),

dim_store as (

    select * from {{ ref('dim_store') }}

),

int_plans_deduplicated as (

    select * from {{ ref('int_plans_deduplicated') }}

),

int_subscription_changes_deduplicated as (

    select * from {{ ref('int_subscription_changes_deduplicated') }}

),

fct_invoices as (

    select * from {{ ref('fct_invoices') }}

),

int_payments_deduplicated as (

    select * from {{ ref('int_payments_deduplicated') }}

),

int_refunds_deduplicated as (

    select * from {{ ref('int_refunds_deduplicated') }}

),

fct_ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

int_groups_deduplicated as (

    select * from {{ ref('int_groups_deduplicated') }}

),

fct_support_quality as (

    select * from {{ ref('fct_support_quality') }}

),

int_web_events_deduplicated as (

    select * from {{ ref('int_web_events_deduplicated') }}

),

kept_rows as (

    select
        'crm.customers' as source_table,
        count(*) as kept_row_count
    from dim_customer
    where not is_inferred

    union all

    select
        'crm.accounts' as source_table,
        count(*) as kept_row_count
    from int_accounts_deduplicated

    union all

    select
        'crm.deletion_requests' as source_table,
        count(*) as kept_row_count
    from int_deletion_requests_deduplicated

    union all

    select
        'orders.orders' as source_table,
        count(*) as kept_row_count
    from fct_orders

    union all

    select
        'orders.order_items' as source_table,
        count(*) as kept_row_count
    from fct_order_items

    union all

    select
        'orders.products' as source_table,
        count(*) as kept_row_count
    from dim_product

    union all

    select
        'orders.product_categories' as source_table,
        count(*) as kept_row_count
    from int_product_categories_deduplicated

    union all

    select
        'orders.stores' as source_table,
        count(*) as kept_row_count
    from dim_store

    union all

    select
        'billing.plans' as source_table,
        count(*) as kept_row_count
    from int_plans_deduplicated

    union all

    select
        'billing.subscription_changes' as source_table,
        count(*) as kept_row_count
    from int_subscription_changes_deduplicated

    union all

    select
        'billing.invoices' as source_table,
        count(*) as kept_row_count
    from fct_invoices

    union all

    select
        'billing.payments' as source_table,
        count(*) as kept_row_count
    from int_payments_deduplicated
    inner join fct_invoices on int_payments_deduplicated.invoice_id = fct_invoices.invoice_id

    union all

    select
        'billing.refunds' as source_table,
        count(*) as kept_row_count
    from int_refunds_deduplicated
    inner join int_payments_deduplicated on int_refunds_deduplicated.payment_id = int_payments_deduplicated.payment_id
    inner join fct_invoices on int_payments_deduplicated.invoice_id = fct_invoices.invoice_id

    union all

    select
        'ads.daily_spend' as source_table,
        count(*) as kept_row_count
    from fct_ad_spend

    union all

    select
        'maestroqa.groups' as source_table,
        count(*) as kept_row_count
    from int_groups_deduplicated

    union all

    select
        'maestroqa.total_scores' as source_table,
        count(*) as kept_row_count
    from fct_support_quality

    union all

    select
        'web.events' as source_table,
        count(*) as kept_row_count
    from int_web_events_deduplicated

),

rejected as (

    select
        source_table,
        count(*) as rejected_row_count
    from rejected_rows
    group by source_table

),

joined as (

    select
        deliveries.source_table,
        deliveries.delivered_row_count,
        kept_rows.kept_row_count,
        -- deliveries of a version whose place a newer version, or another delivery of the same one, has taken
        deliveries.accepted_row_count - deliveries.accepted_record_count as superseded_row_count,
        coalesce(rejected.rejected_row_count, 0) as rejected_row_count
    from deliveries
    inner join kept_rows on deliveries.source_table = kept_rows.source_table
    left join rejected on deliveries.source_table = rejected.source_table

),

final as (

    select
        -- ids
        source_table,

        -- numbers
        cast(delivered_row_count as {{ dbt.type_bigint() }}) as delivered_row_count,
        cast(kept_row_count as {{ dbt.type_bigint() }}) as kept_row_count,
        cast(superseded_row_count as {{ dbt.type_bigint() }}) as superseded_row_count,
        cast(rejected_row_count as {{ dbt.type_bigint() }}) as rejected_row_count,
        cast(
            delivered_row_count - kept_row_count - superseded_row_count - rejected_row_count
            as {{ dbt.type_bigint() }}
        ) as unexplained_row_count
    from joined

)

select * from final
