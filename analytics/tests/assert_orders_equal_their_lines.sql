-- What an order says it came to is what its lines come to, to the cent. The header and the lines are delivered
-- by separate tables, so a difference means that one of them is behind or wrong.
with orders as (

    select * from {{ ref('fct_orders') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

summed as (

    select
        order_id,
        sum(net_amount) as net_amount,
        sum(tax_amount) as tax_amount
    from order_items
    group by order_id

)

select
    orders.order_id,
    orders.net_amount,
    orders.tax_amount,
    summed.net_amount as lines_net_amount,
    summed.tax_amount as lines_tax_amount
from orders
inner join summed on orders.order_id = summed.order_id
where
    orders.net_amount <> summed.net_amount
    or orders.tax_amount <> summed.tax_amount
