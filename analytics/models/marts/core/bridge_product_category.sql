with product_categories as (

    select * from {{ ref('int_product_categories_deduplicated') }}

),

final as (

    select
        -- ids
        product_category_id,
        product_id,

        -- strings
        category_name,

        -- numbers: what share of a product's amounts goes to this category when they are summed by category
        cast(1.0 / count(*) over (partition by product_id) as numeric(18, 6)) as allocation_share,

        -- timestamps
        updated_at
    from product_categories
    where not is_deleted

)

select * from final
