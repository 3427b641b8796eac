{{ config(**incremental_by_key('order_id')) }}

with orders as (

    select * from {{ ref('int_orders_deduplicated') }}
    where {{ get_incremental_filter('loaded_at') }}

),

final as (

    select
        -- ids
        order_id,
        customer_id,
        store_id,

        -- strings
        order_status,

        -- numbers
        {{ cents_to_dollars('subtotal_cents') }} as subtotal_amount,
        {{ cents_to_dollars('discount_cents') }} as discount_amount,
        {{ cents_to_dollars('subtotal_cents - discount_cents') }} as net_amount,
        {{ cents_to_dollars('tax_cents') }} as tax_amount,
        {{ cents_to_dollars('total_cents') }} as total_amount,

        -- booleans
        {{ counts_as_sold() }} as is_sold,
        order_status = 'cancelled' as is_cancelled,
        order_status = 'returned' as is_returned,
        is_deleted,

        -- dates and timestamps
        cast(ordered_at as date) as order_date,
        ordered_at,
        updated_at,
        loaded_at
    from orders

)

select * from final
