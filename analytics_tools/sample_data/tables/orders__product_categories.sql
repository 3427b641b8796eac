-- orders.product_categories: a product is in one to three categories, of which its own is the first.
with listed as (
    select
        p + 1 as product_id,
        getvariable('started_at') - days(30 + draw('launched', p) % 300) as created_at,
        unnest(list_distinct([
            pick(['Apparel', 'Home', 'Kitchen', 'Outdoor', 'Stationery'], 'category', p + 1),
            pick(['Apparel', 'Home', 'Kitchen', 'Outdoor', 'Stationery', 'Gifts'], 'second', p + 1),
            case when p % 3 = 0 then 'Gifts' else pick(['Apparel', 'Home', 'Kitchen', 'Outdoor', 'Stationery'], 'category', p + 1) end
        ])) as category
    from range(getvariable('products')) as t(p)
),

delivered as (
    select
        product_id,
        category,
        created_at,
        unnest(landed([{'updated_at': created_at, 'delivered_at': run_after(created_at)}])) as version
    from listed
)

select
    product_id,
    category,
    version.updated_at,
    version.delivered_at as _airbyte_extracted_at,
    null::timestamp as _ab_cdc_deleted_at
from delivered
order by product_id, category
