{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='append_new_columns'
    )
}}

-- An incremental run weighs each new delivery against the version it already holds, so its cost follows
-- what was delivered, not what is stored.
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
        loaded_at
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
        loaded_at
    from {{ this }}
    where event_id in (select event_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'event_id', tie_breakers=[
            'anonymous_id', 'customer_id', 'occurred_at', 'event_type', 'order_id', 'page_path',
            'channel', 'campaign'
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

)

select * from final
