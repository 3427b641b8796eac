{{ config(**incremental_by_key('invoice_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_billing__invoices') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        invoice_id,
        order_id,
        subscription_id,
        customer_id,
        invoice_type,
        invoice_status,
        amount_cents,
        issued_at,
        updated_at,
        loaded_at,
        false as is_held
    from deliveries

    {% if is_incremental() %}
    union all

    select
        invoice_id,
        order_id,
        subscription_id,
        customer_id,
        invoice_type,
        invoice_status,
        amount_cents,
        issued_at,
        updated_at,
        loaded_at,
        true as is_held
    from {{ this }}
    where invoice_id in (select distinct invoice_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'invoice_id', tie_breakers=[
            byte_order('invoice_status') ~ ' desc', 'amount_cents', 'order_id', 'subscription_id', 'customer_id',
            byte_order('invoice_type'), 'issued_at',
            'is_held desc'
        ])
    }}

),

final as (

    select
        invoice_id,
        order_id,
        subscription_id,
        customer_id,
        invoice_type,
        invoice_status,
        amount_cents,
        issued_at,
        updated_at,
        loaded_at
    from latest
    where not is_held

)

select * from final
{{ in_storage_order('invoice_id') }}
