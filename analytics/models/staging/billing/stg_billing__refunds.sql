with source as (

    select * from {{ source('billing', 'refunds') }}

),

renamed as (

    select
        -- ids
        cast(refund_id as {{ dbt.type_bigint() }}) as refund_id,
        cast(payment_id as {{ dbt.type_bigint() }}) as payment_id,

        -- strings
        nullif(lower(trim(reason)), '') as refund_reason,

        -- numbers
        cast(amount_cents as {{ dbt.type_bigint() }}) as amount_cents,

        -- timestamps
        cast(refunded_at as {{ dbt.type_timestamp() }}) as refunded_at,
        cast(refunded_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'refund_id is missing': 'refund_id is null',
            'payment_id is missing': 'payment_id is null',
            'refunded_at is missing': 'refunded_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'reason is unknown': "coalesce(refund_reason, '') not in ('line_removed', 'cancellation', 'return')",
            'an amount is missing or negative': any_missing_or_negative(['amount_cents']),
        }) }} as reject_reason
    from renamed

)

select * from final
