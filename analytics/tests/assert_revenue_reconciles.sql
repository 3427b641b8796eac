-- Orders, invoices and payments agree within half a per cent, over all months that are ripe: those that ended
-- at least ten days before the newest order, so that late deliveries are in.
with reconciliation as (

    select * from {{ ref('fct_revenue_reconciliation') }}

),

orders as (

    select max(order_date) as newest_order_date
    from {{ ref('fct_orders') }}

),

ripe as (

    select
        sum(reconciliation.ordered_amount) as ordered_amount,
        sum(reconciliation.invoiced_amount) as invoiced_amount,
        sum(reconciliation.paid_amount) as paid_amount
    from reconciliation
    cross join orders
    where
        {{ dbt.dateadd('month', 1, 'reconciliation.month_start_date') }}
        <= {{ dbt.dateadd('day', -10, 'orders.newest_order_date') }}

)

select *
from ripe
where
    abs(invoiced_amount - ordered_amount) > 0.005 * ordered_amount
    or abs(paid_amount - ordered_amount) > 0.005 * ordered_amount
