-- crm.deletion_requests: customers who asked to be forgotten.
with asked as (
    select
        c,
        joined_at(c) + days(150 + draw('forget', c) % 500) as requested_at
    from range(greatest(k_at(getvariable('landing_at'), getvariable('customers')), 50)) as t(c)
    where c % 211 = 40
),

delivered as (
    select
        c,
        requested_at,
        unnest(landed([{'delivered_at': run_after(requested_at)}])) as version
    from asked
)

select
    c + 1 as request_id,
    c + 1 as customer_id,
    requested_at,
    version.delivered_at as _fivetran_synced,
    false as _fivetran_deleted
from delivered
