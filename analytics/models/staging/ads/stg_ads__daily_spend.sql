with source as (

    select * from {{ source('ads', 'daily_spend') }}

),

renamed as (

    select
        -- ids
        cast(spend_date as {{ dbt.type_string() }})
        || '-' || lower(trim(channel))
        || '-' || lower(trim(campaign)) as spend_id,

        -- strings
        nullif(lower(trim(channel)), '') as channel,
        nullif(lower(trim(campaign)), '') as campaign,

        -- numbers
        cast(spend_cents as {{ dbt.type_bigint() }}) as spend_cents,
        cast(impressions as {{ dbt.type_bigint() }}) as impressions,
        cast(clicks as {{ dbt.type_bigint() }}) as clicks,

        -- dates and timestamps
        cast(spend_date as date) as spend_date,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'spend_date is missing': 'spend_date is null',
            'channel is missing': 'channel is null',
            'campaign is missing': 'campaign is null',
            'loaded_at is missing': 'loaded_at is null',
            'an amount is missing or negative': any_missing_or_negative(['spend_cents', 'impressions', 'clicks']),
        }) }} as reject_reason
    from renamed

)

select * from final
