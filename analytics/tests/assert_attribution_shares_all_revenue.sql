-- First, last and linear touch each share out what the web orders came to, to the cent.
with touches as (

    select * from {{ ref('fct_order_attribution') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

shared as (

    select
        order_id,
        sum(first_touch_amount) as first_touch_amount,
        sum(last_touch_amount) as last_touch_amount,
        sum(linear_amount) as linear_amount
    from touches
    group by order_id

)

select orders.order_id
from orders
inner join shared on orders.order_id = shared.order_id
where
    orders.net_amount <> shared.first_touch_amount
    or orders.net_amount <> shared.last_touch_amount
    or orders.net_amount <> shared.linear_amount
