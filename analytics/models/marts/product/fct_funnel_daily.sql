with sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

-- A step counts a session that got as far: whoever bought has looked, even where the tracker missed the look.
reached as (

    select
        session_date,
        channel,
        1 as visited,
        case when product_views + add_to_carts + purchases > 0 then 1 else 0 end as viewed,
        case when add_to_carts + purchases > 0 then 1 else 0 end as carted,
        case when purchases > 0 then 1 else 0 end as bought
    from sessions

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['session_date', 'channel']) }} as funnel_day_key,

        -- strings
        channel,

        -- numbers
        cast(sum(visited) as {{ dbt.type_bigint() }}) as visited_sessions,
        cast(sum(viewed) as {{ dbt.type_bigint() }}) as viewed_sessions,
        cast(sum(carted) as {{ dbt.type_bigint() }}) as carted_sessions,
        cast(sum(bought) as {{ dbt.type_bigint() }}) as bought_sessions,

        -- dates
        session_date
    from reached
    group by session_date, channel

)

select * from final
