{{ config(materialized='view') }}

-- A view, so that a row leaves it in the moment in which what was wrong is mended.
with customers as (

    select * from {{ ref('stg_crm__customers') }}

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

stores as (

    select * from {{ ref('stg_orders__stores') }}

),

accepted_order_items as (

    select * from {{ ref('int_order_items_deduplicated') }}

),

accepted_orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

orphaned_order_items as (

    select accepted_order_items.*
    from accepted_order_items
    left join accepted_orders on accepted_order_items.order_id = accepted_orders.order_id
    where accepted_orders.order_id is null

),

rejected as (

    select 'crm.customers' as source_table, customer_id as record_id, reject_reason, updated_at, loaded_at
    from customers
    where reject_reason is not null

    union all

    select 'orders.orders' as source_table, order_id as record_id, reject_reason, updated_at, loaded_at
    from orders
    where reject_reason is not null

    union all

    select 'orders.order_items' as source_table, order_item_id as record_id, reject_reason, updated_at, loaded_at
    from order_items
    where reject_reason is not null

    union all

    select
        'orders.order_items' as source_table,
        order_item_id as record_id,
        'order was not accepted or has not arrived' as reject_reason,
        updated_at,
        loaded_at
    from orphaned_order_items

    union all

    select 'orders.products' as source_table, product_id as record_id, reject_reason, updated_at, loaded_at
    from products
    where reject_reason is not null

    union all

    select 'orders.stores' as source_table, store_id as record_id, reject_reason, updated_at, loaded_at
    from stores
    where reject_reason is not null

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
        cast(record_id as {{ dbt.type_bigint() }}) as record_id,

        -- strings
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        cast(reject_reason as {{ dbt.type_string() }}) as reject_reason,

        -- timestamps
        updated_at,
        loaded_at
    from numbered

)

select * from final
