with customers as (

    select * from {{ ref('int_customers_deduplicated') }}

),

forgotten as (

    select * from {{ ref('int_customers_forgotten') }}

),

customer_orders as (

    select * from {{ ref('int_customer_orders_aggregated') }}

),

-- Whoever ordered, paid, logged in or asked support is a customer, even where the CRM does not know them.
customer_ids as (

    select * from {{ ref('int_customer_ids_collected') }}

),

joined as (

    select
        customer_ids.customer_id,
        customers.account_id,
        customers.first_name,
        customers.last_name,
        customers.email,
        customers.country_code,
        coalesce(customer_orders.lifetime_orders, 0) as lifetime_orders,
        {{ cents_to_dollars('coalesce(customer_orders.lifetime_value_cents, 0)') }} as lifetime_value,
        coalesce(customers.is_email_valid, false) as is_email_valid,
        coalesce(customers.is_active, false) as is_active,
        coalesce(customers.is_deleted, false) as is_deleted,
        forgotten.customer_id is not null as is_forgotten,
        customers.customer_id is null as is_inferred,
        customer_orders.first_order_date,
        customer_orders.most_recent_order_date,
        customers.created_at,
        customers.updated_at
    from customer_ids
    left join customers on customer_ids.customer_id = customers.customer_id
    left join forgotten on customer_ids.customer_id = forgotten.customer_id
    left join customer_orders on customer_ids.customer_id = customer_orders.customer_id

),

final as (

    select
        -- ids
        customer_id,
        account_id,

        -- strings
        {{ mask_pii('first_name') }} as first_name,
        {{ mask_pii('last_name') }} as last_name,
        {{ mask_pii('email') }} as email,
        country_code,
        case
            when lifetime_value >= 10000 then 'platinum'
            when lifetime_value >= 5000 then 'gold'
            when lifetime_value >= 1000 then 'silver'
            else 'bronze'
        end as customer_tier,

        -- numbers
        lifetime_orders,
        lifetime_value,

        -- booleans
        is_email_valid,
        is_active,
        is_deleted,
        is_forgotten,
        is_inferred,

        -- dates and timestamps
        first_order_date,
        most_recent_order_date,
        created_at,
        updated_at
    from joined

)

select * from final
