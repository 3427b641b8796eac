with customers as (

    select * from {{ ref('stg_crm__customers') }}

),

orders as (

    select * from {{ ref('stg_orders__orders') }}

),

order_items as (

    select * from {{ ref('stg_orders__order_items') }}

),

invoices as (

    select * from {{ ref('stg_billing__invoices') }}

),

payments as (

    select * from {{ ref('stg_billing__payments') }}

),

daily_spend as (

    select * from {{ ref('stg_ads__daily_spend') }}

),

total_scores as (

    select * from {{ ref('stg_maestroqa__total_scores') }}

),

events as (

    select * from {{ ref('stg_web__events') }}

),

dated as (

    select 'crm.customers' as source_table, max(loaded_at) as newest_loaded_at
    from customers
    union all
    select 'orders.orders' as source_table, max(loaded_at) as newest_loaded_at
    from orders
    union all
    select 'orders.order_items' as source_table, max(loaded_at) as newest_loaded_at
    from order_items
    union all
    select 'billing.invoices' as source_table, max(loaded_at) as newest_loaded_at
    from invoices
    union all
    select 'billing.payments' as source_table, max(loaded_at) as newest_loaded_at
    from payments
    union all
    select 'ads.daily_spend' as source_table, max(loaded_at) as newest_loaded_at
    from daily_spend
    union all
    select 'maestroqa.total_scores' as source_table, max(loaded_at) as newest_loaded_at
    from total_scores
    union all
    select 'web.events' as source_table, max(loaded_at) as newest_loaded_at
    from events

),

final as (

    select
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        newest_loaded_at,
        36 as allowed_hours
    from dated

)

select * from final
