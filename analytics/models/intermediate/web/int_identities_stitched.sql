{{ config(**incremental_by_key('anonymous_id')) }}

-- A device belongs to whoever used it last while logged in. All of a device's events count, so a device that
-- sent anything new is worked out anew.
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

ranked as (

    select
        *,
        row_number() over (
            partition by anonymous_id
            order by case when customer_id is null then 1 else 0 end, occurred_at desc, customer_id desc
        ) as newest_known_first
    from device_events

),

final as (

    select
        anonymous_id,
        max(case when newest_known_first = 1 then customer_id end) as customer_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at,
        max(loaded_at) as loaded_at
    from ranked
    group by anonymous_id

)

select * from final
