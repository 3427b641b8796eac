{{ config(**incremental_by_key('order_item_id', watermarks=['loaded_at', 'order_loaded_at'])) }}

-- A line carries its order's status and dates, so it is built anew when either the line or the order was
-- loaded since the last run. Each has a load time of its own, for the two tables may be loaded apart.
-- Each reading of a large table is a CTE of its own: one that is read twice would be copied whole.
with loaded_orders as (

    select order_id from {{ ref('int_orders_deduplicated') }}
    where {{ get_incremental_filter('loaded_at', target_column='order_loaded_at') }}

),

loaded_order_items as (

    select order_id from {{ ref('int_order_items_deduplicated') }}
    where {{ get_incremental_filter('loaded_at') }}

),

touched_orders as (

    select order_id from loaded_orders
    union distinct
    select order_id from loaded_order_items

),

order_items as (

    select * from {{ ref('int_order_items_deduplicated') }}
    {% if is_incremental() %}
    where order_id in (select order_id from touched_orders)
    {% endif %}

),

orders as (

    select * from {{ ref('int_orders_deduplicated') }}
    {% if is_incremental() %}
    where order_id in (select order_id from touched_orders)
    {% endif %}

),

-- A line whose order was not accepted, or has not come yet, is in fct_rejected_rows until it has.
joined as (

    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        order_items.line_number,
        order_items.unit_price_cents,
        order_items.is_deleted as is_removed,
        orders.customer_id,
        orders.store_id,
        orders.order_status,
        orders.ordered_at,
        order_items.updated_at,
        order_items.loaded_at,
        orders.loaded_at as order_loaded_at,
        {{ counts_as_sold('orders.order_status', 'orders.is_deleted') }} as is_order_sold,
        -- a line taken out of its order stays, with nothing bought
        case when order_items.is_deleted then 0 else order_items.quantity end as quantity,
        case when order_items.is_deleted then 0 else order_items.discount_cents end as discount_cents,
        case when order_items.is_deleted then 0 else order_items.tax_cents end as tax_cents
    from order_items
    inner join orders on order_items.order_id = orders.order_id

),

final as (

    select
        -- ids
        order_item_id,
        order_id,
        customer_id,
        product_id,
        store_id,

        -- strings
        order_status,

        -- numbers
        line_number,
        quantity,
        {{ cents_to_dollars('unit_price_cents') }} as unit_price,
        {{ cents_to_dollars('quantity * unit_price_cents') }} as gross_amount,
        {{ cents_to_dollars('discount_cents') }} as discount_amount,
        {{ cents_to_dollars('quantity * unit_price_cents - discount_cents') }} as net_amount,
        {{ cents_to_dollars('tax_cents') }} as tax_amount,

        -- booleans
        is_order_sold and not is_removed as is_sold,
        is_removed,

        -- dates and timestamps
        cast(ordered_at as date) as order_date,
        ordered_at,
        updated_at,
        loaded_at,
        order_loaded_at
    from joined

)

select * from final
