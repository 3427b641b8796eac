with source as (

    select * from {{ source('orders', 'stores') }}

),

renamed as (

    select
        -- ids
        cast(store_id as {{ dbt.type_bigint() }}) as store_id,

        -- strings
        trim(store_name) as store_name,
        trim(region) as store_region,
        upper(trim(country_code)) as country_code,

        -- booleans
        _ab_cdc_deleted_at is not null as is_deleted,

        -- timestamps
        cast(opened_at as {{ dbt.type_timestamp() }}) as opened_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'store_id is missing': 'store_id is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'store_name is missing': 'store_name is null',
            'region is missing': 'store_region is null',
            'country code is missing': 'country_code is null',
        }) }} as reject_reason
    from renamed

)

select * from final
