with orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

final as (

    select
        -- ids
        order_id,
        customer_id,

        -- strings
        order_status,

        -- numbers
        {{ cents_to_dollars('amount_cents') }} as net_amount,

        -- booleans
        order_status <> 'cancelled' as is_sold,

        -- dates and timestamps
        cast(ordered_at as date) as order_date,
        ordered_at,
        updated_at
    from orders

)

select * from final
