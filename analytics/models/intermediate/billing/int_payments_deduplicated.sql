{{ config(**incremental_by_key('payment_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_billing__payments') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        payment_id,
        invoice_id,
        payment_method,
        payment_status,
        amount_cents,
        paid_at,
        updated_at,
        loaded_at,
        false as is_held
    from deliveries

    {% if is_incremental() %}
    union all

    select
        payment_id,
        invoice_id,
        payment_method,
        payment_status,
        amount_cents,
        paid_at,
        updated_at,
        loaded_at,
        true as is_held
    from {{ this }}
    where payment_id in (select distinct payment_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'payment_id', tie_breakers=[
            byte_order('payment_status') ~ ' desc', 'amount_cents', 'invoice_id', byte_order('payment_method'),
            'paid_at',
            'is_held desc'
        ])
    }}

),

final as (

    select
        payment_id,
        invoice_id,
        payment_method,
        payment_status,
        amount_cents,
        paid_at,
        updated_at,
        loaded_at
    from latest
    where not is_held

)

select * from final
{{ in_storage_order('payment_id') }}
