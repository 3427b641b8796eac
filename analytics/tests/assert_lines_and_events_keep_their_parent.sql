-- A line stays in its order, an event with the device that sent it. The incremental facts build on that: a delivery
-- that moved one would leave what it moved away from as it was. Where this fails, run fct_order_items+ and
-- fct_web_sessions+ with --full-refresh, and find out why the source moved it.
with order_items as (

    select * from {{ ref('stg_orders__order_items') }}
    where reject_reason is null

),

events as (

    select * from {{ ref('stg_web__events') }}
    where reject_reason is null

),

moved as (

    select
        'orders.order_items' as source_table,
        cast(order_item_id as {{ dbt.type_string() }}) as record_id
    from order_items
    group by order_item_id
    having min(order_id) <> max(order_id)

    union all

    select
        'web.events' as source_table,
        event_id as record_id
    from events
    group by event_id
    having min(anonymous_id) <> max(anonymous_id)

)

select * from moved
