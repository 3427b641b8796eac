-- billing.payments: one row a delivered attempt to pay an invoice; an attempt does not change.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    from range(k_at(getvariable('landing_at'), getvariable('orders'))) as t(k)
    where may_land(k, getvariable('orders'), 30) and not is_broken_order(k)
),

for_orders as (
    select
        k + 1 as invoice_id,
        gross_cents(order_lines(k, placed_at)) as amount,
        unnest(
            case when draw('declined', k) % 100 < 3
                then [{'attempt': 1, 'status': 'failed', 'paid_at': placed_at + to_seconds(60)}] else [] end
            || case when k % 2999 = 77 then []
                else [{'attempt': 2, 'status': 'succeeded', 'paid_at': placed_at + to_seconds(300)}] end
        ) as payment
    from placed
),

periods as (
    select
        c,
        membership_changes(c) as changes,
        unnest(generate_series(0, 40)) as month
    from range(greatest(k_at(getvariable('landing_at'), getvariable('customers')), 50)) as t(c)
    where is_member(c)
),

billed as (
    select
        c,
        month,
        changes[1].effective_at + to_months(month::int) as issued_at,
        list_filter(changes, lambda s: s.effective_at <= changes[1].effective_at + to_months(month::int))[-1].plan_id as plan_id
    from periods
    where changes[1].effective_at + to_months(month::int) < getvariable('landing_at')
),

for_memberships as (
    select
        100000000000 + c * 100 + month as invoice_id,
        (plan_price_cents(plan_id) // plan_months(plan_id))::bigint as amount,
        {'attempt': 2, 'status': 'succeeded', 'paid_at': issued_at + to_seconds(60)} as payment
    from billed
    where plan_id is not null
),

delivered as (
    select
        invoice_id,
        amount,
        payment,
        unnest(landed([{'delivered_at': run_after(payment.paid_at) + late_by('payment', invoice_id)}])) as version
    from (select * from for_orders union all select * from for_memberships)
),

repeated as (
    select *, unnest(range(case when invoice_id % 401 = 13 then 2 else 1 end)) as copy
    from delivered
)

select
    invoice_id * 10 + payment.attempt as payment_id,
    case when invoice_id % 3001 = 1500 then null else invoice_id end as invoice_id,
    amount as amount_cents,
    pick(['card', 'card', 'Card', 'wallet', 'transfer'], 'method', invoice_id) as payment_method,
    payment.status,
    payment.paid_at,
    version.delivered_at as _airbyte_extracted_at
from repeated
