-- billing.plans: what a membership may be.
select
    p as plan_id,
    (['Basic', 'Plus', 'Premium', 'Premium yearly'])[p] as plan_name,
    plan_price_cents(p) as price_cents,
    plan_months(p) as interval_months,
    getvariable('started_at') - days(400) as updated_at,
    delivered_at as _airbyte_extracted_at
from (
    select
        p,
        unnest(landed([{'delivered_at': run_after(getvariable('started_at') - days(400))}])).delivered_at as delivered_at
    from range(1, 5) as t(p)
)
order by p
