with source as (

    select * from {{ source('orders', 'order_items') }}

),

renamed as (

    select
        -- ids
        cast(order_item_id as {{ dbt.type_bigint() }}) as order_item_id,
        cast(order_id as {{ dbt.type_bigint() }}) as order_id,
        cast(product_id as {{ dbt.type_bigint() }}) as product_id,

        -- numbers
        cast(line_number as {{ dbt.type_int() }}) as line_number,
        cast(quantity as {{ dbt.type_bigint() }}) as quantity,
        cast(unit_price_cents as {{ dbt.type_bigint() }}) as unit_price_cents,
        cast(discount_cents as {{ dbt.type_bigint() }}) as discount_cents,
        cast(tax_cents as {{ dbt.type_bigint() }}) as tax_cents,

        -- booleans
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
            'order_item_id is missing': 'order_item_id is null',
            'order_id is missing': 'order_id is null',
            'product_id is missing': 'product_id is null',
            'line_number is missing': 'line_number is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'quantity is missing or not positive': 'coalesce(quantity, 0) <= 0',
            'an amount is missing or negative': any_missing_or_negative(['unit_price_cents', 'discount_cents', 'tax_cents']),
            'discount exceeds the price': 'discount_cents > quantity * unit_price_cents',
        }) }} as reject_reason
    from renamed

)

select * from final
