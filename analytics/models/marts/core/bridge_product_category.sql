with product_categories as (

    select * from {{ ref('int_product_categories_deduplicated') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by product_id order by {{ byte_order('category_name') }}, product_category_id
        ) as category_number,
        count(*) over (partition by product_id) as category_count
    from product_categories
    where not is_deleted

),

final as (

    select
        -- ids
        product_category_id,
        product_id,

        -- strings
        category_name,

        -- numbers: the share of a product's amounts that goes to this category; the last takes what is left
        cast(
            case
                when category_number = category_count
                    then 1 - (category_count - 1) * cast(floor(1000000 / category_count) * 0.000001 as numeric(18, 6))
                else floor(1000000 / category_count) * 0.000001
            end as numeric(18, 6)
        ) as allocation_share,

        -- timestamps
        updated_at
    from numbered

)

select * from final
