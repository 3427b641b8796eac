-- A view over all deliveries, not their newest: it is asked for a few payments at a time.
with payments as (

    select * from {{ ref('stg_billing__payments') }}
    where reject_reason is null

),

final as (

    select
        payment_id,
        invoice_id
    from payments

)

select * from final
