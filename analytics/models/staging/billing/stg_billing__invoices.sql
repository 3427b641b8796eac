with source as (

    select * from {{ source('billing', 'invoices') }}

),

renamed as (

    select
        -- ids
        cast(invoice_id as {{ dbt.type_bigint() }}) as invoice_id,
        cast(order_id as {{ dbt.type_bigint() }}) as order_id,
        cast(subscription_id as {{ dbt.type_bigint() }}) as subscription_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,

        -- strings
        nullif(lower(trim(invoice_type)), '') as invoice_type,
        nullif(lower(trim(status)), '') as invoice_status,

        -- numbers
        cast(amount_cents as {{ dbt.type_bigint() }}) as amount_cents,

        -- timestamps
        cast(issued_at as {{ dbt.type_timestamp() }}) as issued_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'invoice_id is missing': 'invoice_id is null',
            'customer_id is missing': 'customer_id is null',
            'issued_at is missing': 'issued_at is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'type is unknown': "coalesce(invoice_type, '') not in ('order', 'subscription')",
            'status is unknown': "coalesce(invoice_status, '') not in ('open', 'paid', 'void')",
            'what it bills is missing': 'coalesce(order_id, subscription_id) is null',
            'an amount is missing or negative': any_missing_or_negative(['amount_cents']),
        }) }} as reject_reason
    from renamed

)

select * from final
