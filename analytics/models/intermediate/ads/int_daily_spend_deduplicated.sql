with deliveries as (

    select * from {{ ref('stg_ads__daily_spend') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'spend_id', tie_breakers=[
            'spend_cents desc', 'impressions', 'clicks', byte_order('channel'), byte_order('campaign'), 'spend_date'
        ])
    }}

),

final as (

    select
        spend_id,
        channel,
        campaign,
        spend_cents,
        impressions,
        clicks,
        spend_date,
        updated_at,
        loaded_at
    from latest

)

select * from final
