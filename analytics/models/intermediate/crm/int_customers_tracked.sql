-- What is worth a history, without anything that names a person: a history must not remember the forgotten.
with customers as (

    select * from {{ ref('int_customers_deduplicated') }}

),

final as (

    select
        customer_id,
        account_id,
        country_code,
        is_active,
        updated_at
    from customers
    where not is_deleted

)

select * from final
