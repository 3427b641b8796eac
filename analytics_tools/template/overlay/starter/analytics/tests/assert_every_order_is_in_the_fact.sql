-- No order is lost between delivery and mart, and none is in the mart twice.
with delivered as (

    select distinct order_id from {{ ref('stg_shop__orders') }}

),

kept as (

    select
        order_id,
        count(*) as row_count
    from {{ ref('fct_orders') }}
    group by order_id

),

final as (

    select delivered.order_id
    from delivered
    left join kept on delivered.order_id = kept.order_id
    where coalesce(kept.row_count, 0) <> 1

)

select * from final
