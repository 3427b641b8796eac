-- The shares of a product's categories come to one, exactly: a sum by category loses nothing.
select
    product_id,
    sum(allocation_share) as allocated
from {{ ref('bridge_product_category') }}
group by product_id
having sum(allocation_share) <> 1
