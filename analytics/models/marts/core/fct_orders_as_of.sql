with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customer_history') }}

),

final as (

    select
        -- ids
        orders.order_id,
        orders.customer_id,
        customers.customer_history_key,
        customers.account_id,

        -- strings
        customers.country_code as country_code_at_order,

        -- numbers
        orders.net_amount,

        -- booleans
        orders.is_sold,

        -- timestamps
        orders.ordered_at
    from orders
    left join customers
        on
            orders.customer_id = customers.customer_id
            and orders.ordered_at >= customers.valid_from
            and orders.ordered_at < customers.valid_to

)

select * from final
