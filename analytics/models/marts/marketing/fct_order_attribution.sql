with orders as (

    select * from {{ ref('fct_orders') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

web_orders as (

    select orders.*
    from orders
    inner join stores on orders.store_id = stores.store_id
    where
        stores.is_online
        and orders.is_sold

),

-- Every visit of the buyer in the thirty days before the order; an order without one is untracked, not lost.
touches as (

    select
        web_orders.order_id,
        web_orders.customer_id,
        web_orders.order_date,
        web_orders.net_amount,
        sessions.session_key,
        coalesce(sessions.channel, 'untracked') as channel,
        coalesce(sessions.campaign, 'none') as campaign,
        sessions.started_at as touched_at
    from web_orders
    left join sessions
        on
            web_orders.customer_id = sessions.customer_id
            and sessions.started_at <= web_orders.ordered_at
            and sessions.started_at > {{ dbt.dateadd('day', -30, 'web_orders.ordered_at') }}

),

numbered as (

    select
        *,
        row_number() over (partition by order_id order by touched_at, session_key) as touch_number,
        count(*) over (partition by order_id) as touch_count,
        cast(net_amount * 100 as {{ dbt.type_bigint() }}) as net_cents
    from touches

),

-- The linear share is what the touches up to this one get, less what those before it got: cents never vanish.
shared as (

    select
        *,
        case when touch_number = 1 then net_cents else 0 end as first_touch_cents,
        case when touch_number = touch_count then net_cents else 0 end as last_touch_cents,
        floor(cast(net_cents * touch_number as numeric(30, 0)) / touch_count)
        - floor(cast(net_cents * (touch_number - 1) as numeric(30, 0)) / touch_count) as linear_cents
    from numbered

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['order_id', 'touch_number']) }} as touch_key,
        order_id,
        customer_id,
        session_key,

        -- strings
        channel,
        campaign,

        -- numbers
        cast(touch_number as {{ dbt.type_int() }}) as touch_number,
        cast(touch_count as {{ dbt.type_int() }}) as touch_count,
        {{ cents_to_dollars('first_touch_cents') }} as first_touch_amount,
        {{ cents_to_dollars('last_touch_cents') }} as last_touch_amount,
        {{ cents_to_dollars('linear_cents') }} as linear_amount,

        -- booleans
        touch_number = 1 as is_first_touch,
        touch_number = touch_count as is_last_touch,

        -- dates and timestamps
        order_date,
        touched_at
    from shared

)

select * from final
