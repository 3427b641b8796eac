{{ config(**incremental_by_key('anonymous_id', many_rows=true)) }}

-- Half an hour of silence ends a session. A late event may lengthen a session, join two or begin one, so all
-- sessions of a device that sent anything new are cut anew and replace those held.
with loaded_events as (

    select anonymous_id from {{ ref('int_web_events_deduplicated') }}
    where {{ get_incremental_filter('loaded_at') }}

),

device_events as (

    select * from {{ ref('int_web_events_deduplicated') }}
    {% if is_incremental() %}
    where anonymous_id in (select anonymous_id from loaded_events)
    {% endif %}

),

identities as (

    select * from {{ ref('int_identities_stitched') }}

),

compared as (

    select
        *,
        lag(occurred_at) over (
            partition by anonymous_id
            order by occurred_at, {{ byte_order('event_id') }}
        ) as previous_occurred_at
    from device_events

),

marked as (

    select
        *,
        case
            when previous_occurred_at is null then 1
            when occurred_at >= {{ dbt.dateadd('minute', 30, 'previous_occurred_at') }} then 1
            else 0
        end as starts_session
    from compared

),

numbered as (

    select
        *,
        sum(starts_session) over (
            partition by anonymous_id
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as session_number
    from marked

),

-- The first event that names a campaign gives the session its channel.
ranked as (

    select
        *,
        row_number() over (
            partition by anonymous_id, session_number
            order by occurred_at, {{ byte_order('event_id') }}
        ) as event_number,
        row_number() over (
            partition by anonymous_id, session_number
            order by case when channel is null then 1 else 0 end, occurred_at, {{ byte_order('event_id') }}
        ) as channel_number
    from numbered

),

sessions as (

    select
        anonymous_id,
        session_number,
        max(case when channel_number = 1 then channel end) as channel,
        max(case when channel_number = 1 then campaign end) as campaign,
        max(case when event_number = 1 then page_path end) as landing_page_path,
        count(*) as event_count,
        {{ pivot('event_type', {
            'page_view': 'page_views',
            'product_view': 'product_views',
            'add_to_cart': 'add_to_carts',
            'login': 'logins',
            'signup': 'signups',
            'purchase': 'purchases',
        }) | indent(8) }},
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(loaded_at) as loaded_at
    from ranked
    group by anonymous_id, session_number

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['sessions.anonymous_id', 'sessions.started_at']) }} as session_key,
        sessions.anonymous_id,
        identities.customer_id,

        -- strings
        coalesce(sessions.channel, 'direct') as channel,
        coalesce(sessions.campaign, 'none') as campaign,
        sessions.landing_page_path,

        -- numbers
        cast(sessions.session_number as {{ dbt.type_bigint() }}) as session_number,
        sessions.event_count,
        sessions.page_views,
        sessions.product_views,
        sessions.add_to_carts,
        sessions.logins,
        sessions.signups,
        sessions.purchases,
        cast(
            {{ dbt.datediff('sessions.started_at', 'sessions.ended_at', 'second') }} as {{ dbt.type_bigint() }}
        ) as duration_seconds,

        -- booleans
        sessions.purchases > 0 as has_purchase,
        identities.customer_id is not null as is_known,

        -- dates and timestamps
        cast(sessions.started_at as date) as session_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.loaded_at
    from sessions
    left join identities on sessions.anonymous_id = identities.anonymous_id

)

select * from final
