with deliveries as (

    select * from {{ ref('stg_orders__product_categories') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'product_category_id', tie_breakers=[
            'is_deleted desc', 'product_id', byte_order('category_name')
        ])
    }}

),

final as (

    select
        product_category_id,
        product_id,
        category_name,
        is_deleted,
        updated_at,
        loaded_at
    from latest

)

select * from final
