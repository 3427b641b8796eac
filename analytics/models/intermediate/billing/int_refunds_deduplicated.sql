{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='refund_id',
        on_schema_change='append_new_columns'
    )
}}

-- An incremental run weighs each new delivery against the version it already holds, so its cost follows
-- what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_billing__refunds') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        refund_id,
        payment_id,
        refund_reason,
        amount_cents,
        refunded_at,
        updated_at,
        loaded_at
    from deliveries

    {% if is_incremental() %}
    union all

    select
        refund_id,
        payment_id,
        refund_reason,
        amount_cents,
        refunded_at,
        updated_at,
        loaded_at
    from {{ this }}
    where refund_id in (select refund_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'refund_id', tie_breakers=[
            'amount_cents', 'payment_id', 'refund_reason'
        ])
    }}

),

final as (

    select
        refund_id,
        payment_id,
        refund_reason,
        amount_cents,
        refunded_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
