{{ config(**incremental_by_key('order_item_id')) }}

-- An incremental run weighs each delivery against the version it already holds and writes only what is newer,
-- so its cost follows what was delivered, not what is stored.
with deliveries as (

    select * from {{ ref('stg_orders__order_items') }}
    where
        reject_reason is null
        and {{ get_incremental_filter('loaded_at') }}

),

versions as (

    select
        order_item_id,
        order_id,
        product_id,
        line_number,
        quantity,
        unit_price_cents,
        discount_cents,
        tax_cents,
        is_deleted,
        created_at,
        updated_at,
        loaded_at,
        false as is_held
    from deliveries

    {% if is_incremental() %}
    union all

    select
        order_item_id,
        order_id,
        product_id,
        line_number,
        quantity,
        unit_price_cents,
        discount_cents,
        tax_cents,
        is_deleted,
        created_at,
        updated_at,
        loaded_at,
        true as is_held
    from {{ this }}
    where order_item_id in (select distinct order_item_id from deliveries)
    {% endif %}

),

latest as (

    {{
        latest_version('versions', 'order_item_id', tie_breakers=[
            'is_deleted desc', 'order_id', 'line_number', 'product_id', 'quantity',
            'unit_price_cents', 'discount_cents', 'tax_cents', 'created_at',
            'is_held desc'
        ])
    }}

),

final as (

    select
        order_item_id,
        order_id,
        product_id,
        line_number,
        quantity,
        unit_price_cents,
        discount_cents,
        tax_cents,
        is_deleted,
        created_at,
        updated_at,
        loaded_at
    from latest
    where not is_held

)

select * from final
{{ in_storage_order('order_item_id') }}
