with deliveries as (

    select * from {{ ref('stg_orders__products') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'product_id', tie_breakers=[
            'is_deleted desc', 'unit_price_cents', byte_order('product_name'), byte_order('sku'),
            byte_order('product_category'), 'unit_cost_cents', 'is_active', 'created_at'
        ])
    }}

),

final as (

    select
        product_id,
        sku,
        product_name,
        product_category,
        unit_price_cents,
        unit_cost_cents,
        is_active,
        is_deleted,
        created_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
