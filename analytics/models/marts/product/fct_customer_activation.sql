with customers as (

    select * from {{ ref('dim_customer') }}

),

sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

signed_up as (

    select
        customer_id,
        min(started_at) as signed_up_at
    from sessions
    where signups > 0 and customer_id is not null
    group by customer_id

),

joined as (

    select
        customers.customer_id,
        cast(coalesce(signed_up.signed_up_at, customers.created_at) as date) as signed_up_date,
        customers.first_order_date
    from customers
    left join signed_up on customers.customer_id = signed_up.customer_id

),

final as (

    select
        -- ids
        customer_id,

        -- numbers
        cast(
            {{ dbt.datediff('signed_up_date', 'first_order_date', 'day') }} as {{ dbt.type_int() }}
        ) as days_to_first_order,

        -- booleans
        first_order_date is not null as has_ordered,
        coalesce(
            first_order_date <= {{ dbt.dateadd('day', 30, 'signed_up_date') }},
            false
        ) as is_activated,

        -- dates
        signed_up_date,
        first_order_date
    from joined

)

select * from final
