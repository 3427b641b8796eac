-- A payment keeps its invoice, a refund its payment, an event its device. The incremental facts build on that: a
-- delivery that moved one would leave its old parent as it was. Where this fails, run those facts with
-- --full-refresh, and find out why the source moved it.
with payments as (

    select * from {{ ref('stg_billing__payments') }}
    where reject_reason is null

),

refunds as (

    select * from {{ ref('stg_billing__refunds') }}
    where reject_reason is null

),

events as (

    select * from {{ ref('stg_web__events') }}
    where reject_reason is null

),

moved as (

    select
        'billing.payments' as source_table,
        cast(payment_id as {{ dbt.type_string() }}) as record_id
    from payments
    group by payment_id
    having min(invoice_id) <> max(invoice_id)

    union all

    select
        'billing.refunds' as source_table,
        cast(refund_id as {{ dbt.type_string() }}) as record_id
    from refunds
    group by refund_id
    having min(payment_id) <> max(payment_id)

    union all

    select
        'web.events' as source_table,
        event_id as record_id
    from events
    group by event_id
    having min(anonymous_id) <> max(anonymous_id)

)

select * from moved
