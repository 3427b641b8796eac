{{ config(**incremental_by_key('event_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_web__events') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        event_id,
        anonymous_id,
        customer_id,
        order_id,
        event_type,
        page_path,
        channel,
        campaign,
        occurred_at,
        received_at,
        updated_at,
        loaded_at,
        false as is_held
    from deliveries

    {% if is_incremental() %}
    union all

    select
        event_id,
        anonymous_id,
        customer_id,
        order_id,
        event_type,
        page_path,
        channel,
        campaign,
        occurred_at,
        received_at,
        updated_at,
        loaded_at,
        true as is_held
    from {{ this }}
    where event_id in (select distinct event_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'event_id', tie_breakers=[
            byte_order('anonymous_id'), 'customer_id', 'occurred_at', byte_order('event_type'), 'order_id',
            byte_order('page_path'), byte_order('channel'), byte_order('campaign'), 'received_at',
            'is_held desc'
        ])
    }}

),

final as (

    select
        event_id,
        anonymous_id,
        customer_id,
        order_id,
        event_type,
        page_path,
        channel,
        campaign,
        occurred_at,
        received_at,
        updated_at,
        loaded_at
    from latest
    where not is_held

)

select * from final
{{ in_storage_order('event_id') }}
