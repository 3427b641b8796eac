{{ config(materialized='view') }}

-- A view, so that a row leaves it in the moment in which what was wrong is mended.
with customers as (

    select * from {{ ref('stg_crm__customers') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

deletion_requests as (

    select * from {{ ref('stg_crm__deletion_requests') }}

),

orders as (

    select * from {{ ref('stg_orders__orders') }}

),

order_items as (

    select * from {{ ref('stg_orders__order_items') }}

),

products as (

    select * from {{ ref('stg_orders__products') }}

),

product_categories as (

    select * from {{ ref('stg_orders__product_categories') }}

),

stores as (

    select * from {{ ref('stg_orders__stores') }}

),

plans as (

    select * from {{ ref('stg_billing__plans') }}

),

subscription_changes as (

    select * from {{ ref('stg_billing__subscription_changes') }}

),

invoices as (

    select * from {{ ref('stg_billing__invoices') }}

),

payments as (

    select * from {{ ref('stg_billing__payments') }}

),

refunds as (

    select * from {{ ref('stg_billing__refunds') }}

),

daily_spend as (

    select * from {{ ref('stg_ads__daily_spend') }}

),

support_groups as (

    select * from {{ ref('stg_maestroqa__groups') }}

),

total_scores as (

    select * from {{ ref('stg_maestroqa__total_scores') }}

),

events as (

    select * from {{ ref('stg_web__events') }}

),

accepted_orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

accepted_order_items as (

    select * from {{ ref('int_order_items_deduplicated') }}

),

orphaned_order_items as (

    select accepted_order_items.*
    from accepted_order_items
    left join accepted_orders on accepted_order_items.order_id = accepted_orders.order_id
    where accepted_orders.order_id is null

),

accepted_invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

accepted_payments as (

    select * from {{ ref('int_payments_deduplicated') }}

),

accepted_refunds as (

    select * from {{ ref('int_refunds_deduplicated') }}

),

orphaned_payments as (

    select accepted_payments.*
    from accepted_payments
    left join accepted_invoices on accepted_payments.invoice_id = accepted_invoices.invoice_id
    where accepted_invoices.invoice_id is null

),

orphaned_refunds as (

    select accepted_refunds.*
    from accepted_refunds
    left join accepted_payments on accepted_refunds.payment_id = accepted_payments.payment_id
    left join accepted_invoices on accepted_payments.invoice_id = accepted_invoices.invoice_id
    where accepted_invoices.invoice_id is null

),

rejected as (

    select
        'crm.customers' as source_table,
        cast(customer_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from customers
    where reject_reason is not null

    union all

    select
        'crm.accounts' as source_table,
        cast(account_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from accounts
    where reject_reason is not null

    union all

    select
        'crm.deletion_requests' as source_table,
        cast(request_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from deletion_requests
    where reject_reason is not null

    union all

    select
        'orders.orders' as source_table,
        cast(order_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from orders
    where reject_reason is not null

    union all

    select
        'orders.order_items' as source_table,
        cast(order_item_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from order_items
    where reject_reason is not null

    union all

    select
        'orders.products' as source_table,
        cast(product_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from products
    where reject_reason is not null

    union all

    select
        'orders.product_categories' as source_table,
        cast(product_category_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from product_categories
    where reject_reason is not null

    union all

    select
        'orders.stores' as source_table,
        cast(store_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from stores
    where reject_reason is not null

    union all

    select
        'billing.plans' as source_table,
        cast(plan_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from plans
    where reject_reason is not null

    union all

    select
        'billing.subscription_changes' as source_table,
        cast(change_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from subscription_changes
    where reject_reason is not null

    union all

    select
        'billing.invoices' as source_table,
        cast(invoice_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from invoices
    where reject_reason is not null

    union all

    select
        'billing.payments' as source_table,
        cast(payment_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from payments
    where reject_reason is not null

    union all

    select
        'billing.refunds' as source_table,
        cast(refund_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from refunds
    where reject_reason is not null

    union all

    select
        'ads.daily_spend' as source_table,
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from daily_spend
    where reject_reason is not null

    union all

    select
        'maestroqa.groups' as source_table,
        cast(group_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from support_groups
    where reject_reason is not null

    union all

    select
        'maestroqa.total_scores' as source_table,
        cast(conversation_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from total_scores
    where reject_reason is not null

    union all

    select
        'web.events' as source_table,
        cast(event_id as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from events
    where reject_reason is not null

    union all

    select
        'orders.order_items' as source_table,
        cast(order_item_id as {{ dbt.type_string() }}) as record_id,
        'order was not accepted or has not arrived' as reject_reason,
        updated_at,
        loaded_at
    from orphaned_order_items

    union all

    select
        'billing.payments' as source_table,
        cast(payment_id as {{ dbt.type_string() }}) as record_id,
        'invoice was not accepted or has not arrived' as reject_reason,
        updated_at,
        loaded_at
    from orphaned_payments

    union all

    select
        'billing.refunds' as source_table,
        cast(refund_id as {{ dbt.type_string() }}) as record_id,
        'payment or its invoice was not accepted or has not arrived' as reject_reason,
        updated_at,
        loaded_at
    from orphaned_refunds

),

-- The same row may have been delivered, and so rejected, more than once.
numbered as (

    select
        *,
        row_number() over (
            partition by source_table, record_id, reject_reason, updated_at, loaded_at
            order by record_id
        ) as delivery_number
    from rejected

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key([
            'source_table', 'record_id', 'reject_reason', 'updated_at', 'loaded_at', 'delivery_number'
        ]) }} as rejected_row_key,
        record_id,

        -- strings
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        cast(reject_reason as {{ dbt.type_string() }}) as reject_reason,

        -- timestamps
        updated_at,
        loaded_at
    from numbered

)

select * from final
