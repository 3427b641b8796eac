with orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

final as (

    select
        customer_id,
        cast(min(case when {{ counts_as_sold() }} then ordered_at end) as date) as first_order_date,
        cast(max(case when {{ counts_as_sold() }} then ordered_at end) as date) as most_recent_order_date,
        count(case when {{ counts_as_sold() }} then order_id end) as lifetime_orders,
        coalesce(
            sum(case when {{ counts_as_sold() }} then subtotal_cents - discount_cents end), 0
        ) as lifetime_value_cents
    from orders
    group by customer_id

)

select * from final
