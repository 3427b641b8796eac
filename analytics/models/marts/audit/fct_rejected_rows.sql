{{ config(materialized='view') }}

-- A view, so that a row leaves it in the moment in which what was wrong is mended.
with
{% for source_table in delivered_tables() %}

{{ staging_name(source_table) }} as (

    select * from {{ ref(staging_name(source_table)) }}
    where reject_reason is not null

),
{% endfor %}

orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

order_items as (

    select * from {{ ref('int_order_items_deduplicated') }}

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

payments as (

    select * from {{ ref('int_payments_deduplicated') }}

),

refunds as (

    select * from {{ ref('int_refunds_deduplicated') }}

),

-- What keeps the contract by itself, and belongs to something that is not there.
orphaned_order_items as (

    select
        order_items.*,
        'order was not accepted or has not arrived' as reject_reason
    from order_items
    left join orders on order_items.order_id = orders.order_id
    where orders.order_id is null

),

orphaned_payments as (

    select
        payments.*,
        'invoice was not accepted or has not arrived' as reject_reason
    from payments
    left join invoices on payments.invoice_id = invoices.invoice_id
    where invoices.invoice_id is null

),

orphaned_refunds as (

    select
        refunds.*,
        'payment or its invoice was not accepted or has not arrived' as reject_reason
    from refunds
    left join payments on refunds.payment_id = payments.payment_id
    left join invoices on payments.invoice_id = invoices.invoice_id
    where invoices.invoice_id is null

),

rejected as (

    {% for source_table, key in delivered_tables().items() %}
    {{ rejected_rows(staging_name(source_table), source_table, key) }}

    union all

    {% endfor %}
    {{ rejected_rows('orphaned_order_items', 'orders.order_items', 'order_item_id') }}

    union all

    {{ rejected_rows('orphaned_payments', 'billing.payments', 'payment_id') }}

    union all

    {{ rejected_rows('orphaned_refunds', 'billing.refunds', 'refund_id') }}

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
