-- A view over all deliveries, not their newest: it is asked for a few refunds at a time.
with refunds as (

    select * from {{ ref('stg_billing__refunds') }}
    where reject_reason is null

),

final as (

    select
        refund_id,
        payment_id
    from refunds

)

select * from final
