-- billing.subscription_changes: an append-only log, one row a change of a membership.
with changed as (
    select
        c,
        unnest(membership_changes(c)) as change
    from range(greatest(k_at(getvariable('landing_at'), getvariable('customers')), 50)) as t(c)
    where is_member(c)
),

delivered as (
    select
        c,
        change,
        unnest(landed([{
            'delivered_at': run_after(change.effective_at) + late_by('membership', c * 4 + change.step)
        }])) as version
    from changed
),

repeated as (
    select c, change, version, unnest(range(case when (c + change.step) % 103 = 9 then 2 else 1 end)) as copy
    from delivered
)

select
    c * 4 + change.step + 1 as change_id,
    -- no subscription named: the contract is broken
    case when (c * 4 + change.step) % 1201 = 60 then null else c + 1 end as subscription_id,
    c + 1 as customer_id,
    case when draw('case', c) % 15 = 0 then upper(change.change) else change.change end as change_type,
    change.plan_id,
    change.effective_at,
    version.delivered_at as _airbyte_extracted_at
from repeated
