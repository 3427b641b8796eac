-- orders.products: one row a delivered version of a product.
with products as (
    select
        p + 1 as product_id,
        getvariable('started_at') - days(30 + draw('launched', p) % 300) as created_at
    from range(getvariable('products')) as t(p)
),

delivered as (
    select
        product_id,
        created_at,
        landed(
            [{'updated_at': created_at, 'delivered_at': run_after(created_at)}]
            || case
                when product_id % 10 = 3
                    then [{'updated_at': repriced_at(product_id), 'delivered_at': run_after(repriced_at(product_id))}]
                else []
            end
        ) as versions
    from products
),

rows as (
    select product_id, created_at, unnest(versions) as version
    from delivered
)

select
    product_id,
    'SKU-' || lpad(product_id::varchar, 6, '0') as sku,
    pick(['Trail', 'Harbour', 'Maple', 'Summit', 'Willow', 'Copper', 'Cedar', 'Drift'], 'word', product_id)
    || ' ' || pick(['Jacket', 'Kettle', 'Lamp', 'Notebook', 'Backpack', 'Mug', 'Blanket', 'Scarf'], 'noun', product_id)
    || ' ' || product_id as product_name,
    case when product_id % 23 = 7 then ' ' else '' end
    || pick(['Apparel', 'Home', 'Kitchen', 'Outdoor', 'Stationery'], 'category', product_id) as category,
    price_cents(product_id, version.updated_at) as unit_price_cents,
    price_cents(product_id, version.updated_at) * (40 + draw('margin', product_id) % 30) // 100 as unit_cost_cents,
    product_id % 41 <> 40 as is_active,
    created_at,
    version.updated_at,
    version.delivered_at as _airbyte_extracted_at,
    null::timestamp as _ab_cdc_deleted_at
from rows
