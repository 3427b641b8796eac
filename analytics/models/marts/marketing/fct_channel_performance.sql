with spend as (

    select * from {{ ref('fct_ad_spend') }}

),

touches as (

    select * from {{ ref('fct_order_attribution') }}

),

sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

months_of_spend as (

    select
        cast({{ dbt.date_trunc('month', 'spend_date') }} as date) as month_start_date,
        channel,
        sum(spend_amount) as spend_amount,
        sum(clicks) as clicks
    from spend
    group by 1, 2

),

months_of_visits as (

    select
        cast({{ dbt.date_trunc('month', 'session_date') }} as date) as month_start_date,
        channel,
        count(*) as sessions
    from sessions
    group by 1, 2

),

months_of_orders as (

    select
        cast({{ dbt.date_trunc('month', 'touches.order_date') }} as date) as month_start_date,
        touches.channel,
        sum(touches.first_touch_amount) as first_touch_amount,
        sum(touches.last_touch_amount) as last_touch_amount,
        sum(touches.linear_amount) as linear_amount,
        count(distinct case when touches.is_last_touch then touches.order_id end) as last_touch_orders,
        -- a customer is won by the channel of the visit before the first order
        count(distinct case
            when touches.is_last_touch and touches.order_date = customers.first_order_date
                then touches.customer_id
        end) as new_customers
    from touches
    inner join customers on touches.customer_id = customers.customer_id
    group by 1, 2

),

channel_months as (

    select
        month_start_date,
        channel
    from months_of_spend
    union distinct
    select
        month_start_date,
        channel
    from months_of_visits
    union distinct
    select
        month_start_date,
        channel
    from months_of_orders

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key([
            'channel_months.channel', 'channel_months.month_start_date'
        ]) }} as channel_month_key,

        -- strings
        channel_months.channel,

        -- numbers
        cast(coalesce(months_of_spend.spend_amount, 0) as {{ type_money() }}) as spend_amount,
        cast(coalesce(months_of_spend.clicks, 0) as {{ dbt.type_bigint() }}) as clicks,
        coalesce(months_of_visits.sessions, 0) as sessions,
        coalesce(months_of_orders.last_touch_orders, 0) as last_touch_orders,
        coalesce(months_of_orders.new_customers, 0) as new_customers,
        cast(coalesce(months_of_orders.first_touch_amount, 0) as {{ type_money() }}) as first_touch_amount,
        cast(coalesce(months_of_orders.last_touch_amount, 0) as {{ type_money() }}) as last_touch_amount,
        cast(coalesce(months_of_orders.linear_amount, 0) as {{ type_money() }}) as linear_amount,
        {{ quotient(
            'months_of_spend.spend_amount', 'months_of_orders.new_customers', decimals=2
        ) }} as customer_acquisition_cost,
        {{ quotient('months_of_orders.linear_amount', 'months_of_spend.spend_amount') }} as return_on_ad_spend,

        -- dates
        channel_months.month_start_date
    from channel_months
    left join months_of_spend
        on
            channel_months.channel = months_of_spend.channel
            and channel_months.month_start_date = months_of_spend.month_start_date
    left join months_of_visits
        on
            channel_months.channel = months_of_visits.channel
            and channel_months.month_start_date = months_of_visits.month_start_date
    left join months_of_orders
        on
            channel_months.channel = months_of_orders.channel
            and channel_months.month_start_date = months_of_orders.month_start_date

)

select * from final
