with deliveries as (

    select * from {{ ref('int_deliveries_counted') }}

),

rejected_rows as (

    select * from {{ ref('fct_rejected_rows') }}

),

dim_customer as (

    select * from {{ ref('dim_customer') }}

),

fct_orders as (

    select * from {{ ref('fct_orders') }}

),

fct_order_items as (

    select * from {{ ref('fct_order_items') }}

),

dim_product as (

    select * from {{ ref('dim_product') }}

),

dim_store as (

    select * from {{ ref('dim_store') }}

),

mart_rows as (

    select 'crm.customers' as source_table, count(*) as mart_row_count
    from dim_customer
    where not is_inferred

    union all

    select 'orders.orders' as source_table, count(*) as mart_row_count
    from fct_orders

    union all

    select 'orders.order_items' as source_table, count(*) as mart_row_count
    from fct_order_items

    union all

    select 'orders.products' as source_table, count(*) as mart_row_count
    from dim_product

    union all

    select 'orders.stores' as source_table, count(*) as mart_row_count
    from dim_store

),

rejected as (

    select
        source_table,
        count(*) as rejected_row_count
    from rejected_rows
    group by source_table

),

joined as (

    select
        deliveries.source_table,
        deliveries.delivered_row_count,
        mart_rows.mart_row_count,
        -- deliveries of a version whose place a newer version, or another delivery of the same one, has taken
        deliveries.accepted_row_count - deliveries.accepted_record_count as superseded_row_count,
        coalesce(rejected.rejected_row_count, 0) as rejected_row_count
    from deliveries
    inner join mart_rows on deliveries.source_table = mart_rows.source_table
    left join rejected on deliveries.source_table = rejected.source_table

),

final as (

    select
        -- ids
        source_table,

        -- numbers
        cast(delivered_row_count as {{ dbt.type_bigint() }}) as delivered_row_count,
        cast(mart_row_count as {{ dbt.type_bigint() }}) as mart_row_count,
        cast(superseded_row_count as {{ dbt.type_bigint() }}) as superseded_row_count,
        cast(rejected_row_count as {{ dbt.type_bigint() }}) as rejected_row_count,
        cast(
            delivered_row_count - mart_row_count - superseded_row_count - rejected_row_count
            as {{ dbt.type_bigint() }}
        ) as unexplained_row_count
    from joined

)

select * from final
