{{ config(**incremental_by_key('order_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_orders__orders') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        order_id,
        customer_id,
        store_id,
        order_status,
        subtotal_cents,
        discount_cents,
        tax_cents,
        total_cents,
        is_deleted,
        ordered_at,
        updated_at,
        loaded_at,
        false as is_held
    from deliveries

    {% if is_incremental() %}
    union all

    select
        order_id,
        customer_id,
        store_id,
        order_status,
        subtotal_cents,
        discount_cents,
        tax_cents,
        total_cents,
        is_deleted,
        ordered_at,
        updated_at,
        loaded_at,
        true as is_held
    from {{ this }}
    where order_id in (select distinct order_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'order_id', tie_breakers=[
            'is_deleted desc', byte_order('order_status'), 'total_cents', 'customer_id', 'store_id',
            'ordered_at', 'discount_cents', 'tax_cents', 'subtotal_cents',
            'is_held desc'
        ])
    }}

),

final as (

    select
        order_id,
        customer_id,
        store_id,
        order_status,
        subtotal_cents,
        discount_cents,
        tax_cents,
        total_cents,
        is_deleted,
        ordered_at,
        updated_at,
        loaded_at
    from latest
    where not is_held

)

select * from final
{{ in_storage_order('order_id') }}
