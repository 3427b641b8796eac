with customers as (

    select * from {{ ref('stg_crm__customers') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

deletion_requests as (

    select * from {{ ref('stg_crm__deletion_requests') }}

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

product_categories as (

    select * from {{ ref('stg_orders__product_categories') }}

),

stores as (

    select * from {{ ref('stg_orders__stores') }}

),

plans as (

    select * from {{ ref('stg_billing__plans') }}

),

subscription_changes as (

    select * from {{ ref('stg_billing__subscription_changes') }}

),

invoices as (

    select * from {{ ref('stg_billing__invoices') }}

),

payments as (

    select * from {{ ref('stg_billing__payments') }}

),

refunds as (

    select * from {{ ref('stg_billing__refunds') }}

),

daily_spend as (

    select * from {{ ref('stg_ads__daily_spend') }}

),

support_groups as (

    select * from {{ ref('stg_maestroqa__groups') }}

),

total_scores as (

    select * from {{ ref('stg_maestroqa__total_scores') }}

),

events as (

    select * from {{ ref('stg_web__events') }}

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
        'crm.accounts' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then account_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then account_id end) as accepted_record_count
    from accounts

    union all

    select
        'crm.deletion_requests' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then request_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then request_id end) as accepted_record_count
    from deletion_requests

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
        'orders.product_categories' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then product_category_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then product_category_id end) as accepted_record_count
    from product_categories

    union all

    select
        'orders.stores' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then store_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then store_id end) as accepted_record_count
    from stores

    union all

    select
        'billing.plans' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then plan_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then plan_id end) as accepted_record_count
    from plans

    union all

    select
        'billing.subscription_changes' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then change_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then change_id end) as accepted_record_count
    from subscription_changes

    union all

    select
        'billing.invoices' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then invoice_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then invoice_id end) as accepted_record_count
    from invoices

    union all

    select
        'billing.payments' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then payment_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then payment_id end) as accepted_record_count
    from payments

    union all

    select
        'billing.refunds' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then refund_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then refund_id end) as accepted_record_count
    from refunds

    union all

    select
        'ads.daily_spend' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then spend_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then spend_id end) as accepted_record_count
    from daily_spend

    union all

    select
        'maestroqa.groups' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then group_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then group_id end) as accepted_record_count
    from support_groups

    union all

    select
        'maestroqa.total_scores' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then conversation_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then conversation_id end) as accepted_record_count
    from total_scores

    union all

    select
        'web.events' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then event_id end) as accepted_row_count,
        count(distinct case when reject_reason is null then event_id end) as accepted_record_count
    from events

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
