with source as (

    select * from {{ source('orders', 'orders') }}

),

renamed as (

    select
        -- ids
        cast(order_id as {{ dbt.type_bigint() }}) as order_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,
        cast(store_id as {{ dbt.type_bigint() }}) as store_id,

        -- strings
        lower(trim(status)) as order_status,

        -- numbers
        cast(subtotal_cents as {{ dbt.type_bigint() }}) as subtotal_cents,
        cast(discount_cents as {{ dbt.type_bigint() }}) as discount_cents,
        cast(tax_cents as {{ dbt.type_bigint() }}) as tax_cents,
        cast(total_cents as {{ dbt.type_bigint() }}) as total_cents,

        -- booleans
        _ab_cdc_deleted_at is not null as is_deleted,

        -- timestamps
        cast(ordered_at as {{ dbt.type_timestamp() }}) as ordered_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'order_id is missing': 'order_id is null',
            'customer_id is missing': 'customer_id is null',
            'store_id is missing': 'store_id is null',
            'ordered_at is missing': 'ordered_at is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'status is unknown':
                "coalesce(order_status, '') not in ('placed', 'shipped', 'completed', 'returned', 'cancelled')",
            'an amount is missing or negative': any_missing_or_negative(['subtotal_cents', 'discount_cents', 'tax_cents', 'total_cents']),
            'total does not add up': 'total_cents <> subtotal_cents - discount_cents + tax_cents',
        }) }} as reject_reason
    from renamed

)

select * from final
