with source as (

    select * from {{ source('orders', 'products') }}

),

renamed as (

    select
        -- ids
        cast(product_id as {{ dbt.type_bigint() }}) as product_id,

        -- strings
        trim(sku) as sku,
        trim(product_name) as product_name,
        nullif(trim(category), '') as product_category,

        -- numbers
        cast(unit_price_cents as {{ dbt.type_bigint() }}) as unit_price_cents,
        cast(unit_cost_cents as {{ dbt.type_bigint() }}) as unit_cost_cents,

        -- booleans
        cast(is_active as {{ dbt.type_boolean() }}) as is_active,
        _ab_cdc_deleted_at is not null as is_deleted,

        -- timestamps
        cast(created_at as {{ dbt.type_timestamp() }}) as created_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'product_id is missing': 'product_id is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'product_name is missing': 'product_name is null',
            'category is missing': 'product_category is null',
            'is_active is missing': 'is_active is null',
            'an amount is missing or negative': any_missing_or_negative(['unit_price_cents', 'unit_cost_cents']),
        }) }} as reject_reason
    from renamed

)

select * from final
