with source as (

    select * from {{ source('billing', 'payments') }}

),

renamed as (

    select
        -- ids
        cast(payment_id as {{ dbt.type_bigint() }}) as payment_id,
        cast(invoice_id as {{ dbt.type_bigint() }}) as invoice_id,

        -- strings
        nullif(lower(trim(payment_method)), '') as payment_method,
        nullif(lower(trim(status)), '') as payment_status,

        -- numbers
        cast(amount_cents as {{ dbt.type_bigint() }}) as amount_cents,

        -- timestamps
        cast(paid_at as {{ dbt.type_timestamp() }}) as paid_at,
        cast(paid_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'payment_id is missing': 'payment_id is null',
            'invoice_id is missing': 'invoice_id is null',
            'paid_at is missing': 'paid_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'status is unknown': "coalesce(payment_status, '') not in ('succeeded', 'failed')",
            'an amount is missing or negative': any_missing_or_negative(['amount_cents']),
        }) }} as reject_reason
    from renamed

)

select * from final
