with customers as (

    select * from {{ ref('stg_crm__customers') }}

),

orders as (

    select * from {{ ref('stg_orders__orders') }}

),

order_items as (

    select * from {{ ref('stg_orders__order_items') }}

),

products as (

    select * from {{ ref('stg_orders__products') }}

),

stores as (

    select * from {{ ref('stg_orders__stores') }}

),

counted as (

    select
        'crm.customers' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then customer_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then customer_id end) as accepted_record_count
    from customers

    union all

    select
        'orders.orders' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then order_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then order_id end) as accepted_record_count
    from orders

    union all

    select
        'orders.order_items' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then order_item_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then order_item_id end) as accepted_record_count
    from order_items

    union all

    select
        'orders.products' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then product_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then product_id end) as accepted_record_count
    from products

    union all

    select
        'orders.stores' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then store_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then store_id end) as accepted_record_count
    from stores

),

final as (

    select
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        delivered_row_count,
        accepted_row_count,
        accepted_record_count
    from counted

)

select * from final
