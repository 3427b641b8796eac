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
        is_deleted,
        updated_at
    from customers

)

select * from final
