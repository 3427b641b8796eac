{{ config(**incremental_by_key('refund_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
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
        loaded_at,
        false as is_held
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
        loaded_at,
        true as is_held
    from {{ this }}
    where refund_id in (select distinct refund_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'refund_id', tie_breakers=[
            'amount_cents', 'payment_id', byte_order('refund_reason'), 'refunded_at',
            'is_held desc'
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
    where not is_held

)

select * from final
{{ in_storage_order('refund_id') }}
