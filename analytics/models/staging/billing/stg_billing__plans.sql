with source as (

    select * from {{ source('billing', 'plans') }}

),

renamed as (

    select
        -- ids
        cast(plan_id as {{ dbt.type_bigint() }}) as plan_id,

        -- strings
        nullif(trim(plan_name), '') as plan_name,

        -- numbers
        cast(price_cents as {{ dbt.type_bigint() }}) as price_cents,
        cast(interval_months as {{ dbt.type_bigint() }}) as interval_months,

        -- timestamps
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'plan_id is missing': 'plan_id is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'interval is missing or not positive': 'coalesce(interval_months, 0) <= 0',
            'an amount is missing or negative': any_missing_or_negative(['price_cents']),
        }) }} as reject_reason
    from renamed

)

select * from final
