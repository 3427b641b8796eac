with spend as (

    select * from {{ ref('int_daily_spend_deduplicated') }}

),

final as (

    select
        -- ids
        spend_id,

        -- strings
        channel,
        campaign,

        -- numbers
        {{ cents_to_dollars('spend_cents') }} as spend_amount,
        impressions,
        clicks,

        -- dates and timestamps
        spend_date,
        loaded_at
    from spend

)

select * from final
