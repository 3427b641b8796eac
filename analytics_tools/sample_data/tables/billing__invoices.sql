-- billing.invoices: one row a delivered version of an invoice, for an order or for a month of membership.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    from range(k_at(getvariable('landing_at'), getvariable('orders'))) as t(k)
    where (may_land(k, getvariable('orders'), 60) or k % 89 = 31) and not is_broken_order(k)
),

itemised as (
    select k, placed_at, order_lines(k, placed_at) as lines
    from placed
),

for_orders as (
    select
        k + 1 as invoice_id,
        'order' as invoice_type,
        k + 1 as order_id,
        null::bigint as subscription_id,
        customer_of(k, placed_at) as customer_id,
        placed_at as issued_at,
        landed([
            struct_insert(s, delivered_at := run_after(s.updated_at) + late_by('invoice', k * 8 + s.step))
            for s in
            [{'step': 0, 'status': 'open', 'amount': gross_cents(lines), 'updated_at': placed_at}]
            || case
                when k % 2999 = 77 then []
                else [{'step': 1, 'status': 'paid', 'amount': gross_cents(lines), 'updated_at': placed_at + to_seconds(300)}]
            end
            || case
                when loses_a_line(k)
                    then [{'step': 2, 'status': 'paid', 'amount': gross_cents(lines[:-2]), 'updated_at': shipped_at(k, placed_at)}]
                else []
            end
            || case
                when is_cancelled_order(k)
                    then [{'step': 3, 'status': 'void', 'amount': gross_cents(lines), 'updated_at': cancelled_at(k, placed_at)}]
                when is_charged_back(k)
                    then [{
                        'step': 3,
                        'status': 'void',
                        'amount': case when loses_a_line(k) then gross_cents(lines[:-2]) else gross_cents(lines) end,
                        'updated_at': charged_back_at(k, placed_at)
                    }]
                else []
            end
        ]) as versions
    from itemised
),

-- A membership is billed on the day of the month on which it started, for the plan then in force.
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
        'subscription' as invoice_type,
        null::bigint as order_id,
        c + 1 as subscription_id,
        c + 1 as customer_id,
        issued_at,
        landed([
            struct_insert(s, delivered_at := run_after(s.updated_at))
            for s in [
                {'step': 0, 'status': 'open', 'amount': (plan_price_cents(plan_id) // plan_months(plan_id))::bigint, 'updated_at': issued_at},
                {'step': 1, 'status': 'paid', 'amount': (plan_price_cents(plan_id) // plan_months(plan_id))::bigint,
                 'updated_at': issued_at + to_seconds(60)}
            ]
        ]) as versions
    from billed
    where plan_id is not null
),

rows as (
    select * exclude (versions), unnest(versions) as version
    from (select * from for_orders union all select * from for_memberships)
    where len(versions) > 0
),

repeated as (
    select *, unnest(range(case when (invoice_id * 8 + version.step) % 307 = 11 then 2 else 1 end)) as copy
    from rows
)

select
    invoice_id,
    case when invoice_id % 2503 = 1201 then 'unknown' else invoice_type end as invoice_type,
    order_id,
    subscription_id,
    customer_id,
    version.amount as amount_cents,
    version.status,
    issued_at,
    version.updated_at,
    version.delivered_at as _airbyte_extracted_at
from repeated
