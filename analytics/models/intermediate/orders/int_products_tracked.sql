with products as (

    select * from {{ ref('int_products_deduplicated') }}

),

final as (

    select
        product_id,
        product_category,
        unit_price_cents,
        unit_cost_cents,
        is_active,
        is_deleted,
        updated_at
    from products

)

select * from final
