with source as (

    select * from {{ source('orders', 'product_categories') }}

),

renamed as (

    select
        -- ids
        cast(product_id as {{ dbt.type_string() }}) || '-' || trim(category) as product_category_id,
        cast(product_id as {{ dbt.type_bigint() }}) as product_id,

        -- strings
        nullif(trim(category), '') as category_name,

        -- booleans
        _ab_cdc_deleted_at is not null as is_deleted,

        -- timestamps
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'product_id is missing': 'product_id is null',
            'category_name is missing': 'category_name is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
        }) }} as reject_reason
    from renamed

)

select * from final
