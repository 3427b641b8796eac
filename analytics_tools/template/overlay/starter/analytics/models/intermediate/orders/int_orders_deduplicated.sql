with deliveries as (

    select * from {{ ref('stg_shop__orders') }}

),

latest as (

    {{
        latest_version('deliveries', 'order_id', tie_breakers=[
            byte_order('order_status'), 'amount_cents', 'customer_id', 'ordered_at'
        ])
    }}

),

final as (

    select
        -- ids
        order_id,
        customer_id,

        -- strings
        order_status,

        -- numbers
        amount_cents,

        -- timestamps
        ordered_at,
        updated_at
    from latest

)

select * from final
