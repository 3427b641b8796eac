-- Whoever the CRM knows has exactly one version in force at the time of every order, also while they were deleted: no
-- gap, no overlap.
with orders as (

    select * from {{ ref('fct_orders_as_of') }}

),

customers as (

    select * from {{ ref('dim_customer_history') }}

)

select orders.order_id
from orders
inner join customers on orders.customer_id = customers.customer_id
group by orders.order_id
having
    count(
        case when orders.ordered_at >= customers.valid_from and orders.ordered_at < customers.valid_to then 1 end
    ) <> 1
