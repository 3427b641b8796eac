with products as (

    select * from {{ ref('int_products_deduplicated') }}

),

final as (

    select
        -- ids
        product_id,

        -- strings
        sku,
        product_name,
        product_category,

        -- numbers
        {{ cents_to_dollars('unit_price_cents') }} as unit_price,
        {{ cents_to_dollars('unit_cost_cents') }} as unit_cost,

        -- booleans
        is_active,
        is_deleted,

        -- timestamps
        created_at,
        updated_at
    from products

)

select * from final
