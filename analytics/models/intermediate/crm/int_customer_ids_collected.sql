with customers as (

    select * from {{ ref('int_customers_deduplicated') }}

),

orders as (

    select * from {{ ref('int_orders_deduplicated') }}

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

subscription_changes as (

    select * from {{ ref('int_subscription_changes_deduplicated') }}

),

identities as (

    select * from {{ ref('int_identities_stitched') }}

),

conversations as (

    select * from {{ ref('int_total_scores_deduplicated') }}

),

collected as (

    select customer_id from customers
    union distinct
    select customer_id from orders
    union distinct
    select customer_id from invoices
    union distinct
    select customer_id from subscription_changes
    union distinct
    select customer_id from identities
    union distinct
    select customer_id from conversations

),

final as (

    select customer_id
    from collected
    where customer_id is not null

)

select * from final
