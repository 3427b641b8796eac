with customers as (

    select * from {{ ref('dim_customer') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

-- Membership fees are no orders; what was refunded for returns was never earned.
billed as (

    select
        customer_id,
        sum(case when invoice_type = 'subscription' and not is_void then paid_amount else 0 end) as membership_amount,
        sum(refunded_amount - reversed_amount) as returned_amount
    from invoices
    group by customer_id

),

joined as (

    select
        customers.customer_id,
        customers.customer_tier,
        customers.lifetime_orders,
        customers.lifetime_value as order_amount,
        coalesce(billed.membership_amount, 0) as membership_amount,
        coalesce(billed.returned_amount, 0) as returned_amount,
        {{ dbt.datediff(
            'customers.first_order_date', 'customers.most_recent_order_date', 'month'
        ) }} + 1 as active_months
    from customers
    left join billed on customers.customer_id = billed.customer_id

),

final as (

    select
        -- ids
        customer_id,

        -- strings
        customer_tier,

        -- numbers
        lifetime_orders,
        cast(coalesce(active_months, 0) as {{ dbt.type_int() }}) as active_months,
        order_amount,
        cast(membership_amount as {{ type_money() }}) as membership_amount,
        cast(returned_amount as {{ type_money() }}) as returned_amount,
        cast(order_amount + membership_amount - returned_amount as {{ type_money() }}) as lifetime_value,
        {{ quotient('order_amount', 'lifetime_orders') }} as average_order_value,
        {{ quotient('lifetime_orders', 'active_months') }} as orders_per_month
    from joined

)

select * from final
