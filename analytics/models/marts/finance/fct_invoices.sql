{{ config(**incremental_by_key('invoice_id', watermarks=['loaded_at', 'payment_loaded_at', 'refund_loaded_at'])) }}

-- An invoice is built anew when it, a payment of it or a refund of that payment was loaded since the last run, and
-- also when that payment or refund was its own once and was moved to another.
-- Each reading of a large table is a CTE of its own: one that is read twice would be copied whole.
with loaded_invoices as (

    select invoice_id from {{ ref('int_invoices_deduplicated') }}
    where {{ get_incremental_filter('loaded_at') }}

),

loaded_payments as (

    select payment_id from {{ ref('int_payments_deduplicated') }}
    where {{ get_incremental_filter('loaded_at', target_column='payment_loaded_at') }}

),

loaded_refunds as (

    select refund_id from {{ ref('int_refunds_deduplicated') }}
    where {{ get_incremental_filter('loaded_at', target_column='refund_loaded_at') }}

),

touched_payments as (

    select payment_id from loaded_payments
    union distinct
    select payment_id from {{ ref('int_refund_payments_named') }}
    where refund_id in (select distinct refund_id from loaded_refunds)

),

touched_invoices as (

    select invoice_id from loaded_invoices
    union distinct
    select invoice_id from {{ ref('int_payment_invoices_named') }}
    where payment_id in (select payment_id from touched_payments)

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}
    {% if is_incremental() %}
    where invoice_id in (select invoice_id from touched_invoices)
    {% endif %}

),

payments as (

    select * from {{ ref('int_payments_deduplicated') }}
    {% if is_incremental() %}
    where invoice_id in (select invoice_id from touched_invoices)
    {% endif %}

),

refunds as (

    select * from {{ ref('int_refunds_deduplicated') }}
    {% if is_incremental() %}
    where payment_id in (select payment_id from payments)
    {% endif %}

),

refunded as (

    select
        payments.invoice_id,
        sum(refunds.amount_cents) as refunded_cents,
        sum(case when refunds.refund_reason = 'return' then 0 else refunds.amount_cents end) as reversed_cents,
        max(refunds.loaded_at) as refund_loaded_at
    from refunds
    inner join payments on refunds.payment_id = payments.payment_id
    group by payments.invoice_id

),

paid as (

    select
        payments.invoice_id,
        sum(case when payments.payment_status = 'succeeded' then payments.amount_cents else 0 end) as paid_cents,
        count(case when payments.payment_status = 'failed' then 1 end) as failed_payment_count,
        max(payments.loaded_at) as payment_loaded_at
    from payments
    group by payments.invoice_id

),

final as (

    select
        -- ids
        invoices.invoice_id,
        invoices.order_id,
        invoices.subscription_id,
        invoices.customer_id,

        -- strings
        invoices.invoice_type,
        invoices.invoice_status,

        -- numbers
        {{ cents_to_dollars('invoices.amount_cents') }} as invoiced_amount,
        {{ cents_to_dollars('coalesce(paid.paid_cents, 0)') }} as paid_amount,
        {{ cents_to_dollars('coalesce(refunded.refunded_cents, 0)') }} as refunded_amount,
        {{ cents_to_dollars('coalesce(refunded.reversed_cents, 0)') }} as reversed_amount,
        coalesce(paid.failed_payment_count, 0) as failed_payment_count,

        -- booleans
        invoices.invoice_status = 'void' as is_void,

        -- dates and timestamps
        cast(invoices.issued_at as date) as issued_date,
        invoices.issued_at,
        invoices.updated_at,
        invoices.loaded_at,
        paid.payment_loaded_at,
        refunded.refund_loaded_at
    from invoices
    left join paid on invoices.invoice_id = paid.invoice_id
    left join refunded on invoices.invoice_id = refunded.invoice_id

)

select * from final
