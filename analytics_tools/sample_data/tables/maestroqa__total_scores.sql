-- maestroqa.total_scores: graded support conversations; one in twenty is graded again.
with graded as (
    select
        q,
        happened_at(q, getvariable('orders') // 20) as graded_at
    from range(k_at(getvariable('landing_at'), getvariable('orders') // 20)) as t(q)
),

delivered as (
    select
        q,
        graded_at,
        unnest(landed([
            struct_insert(s, delivered_at := run_after(s.updated_at) + late_by('grade', q * 2 + s.step))
            for s in
            [{'step': 0, 'updated_at': graded_at}]
            || case when q % 20 = 7 then [{'step': 1, 'updated_at': graded_at + days(2)}] else [] end
        ])) as version
    from graded
),

repeated as (
    select *, unnest(range(case when q % 97 = 3 then 2 else 1 end)) as copy
    from delivered
)

select
    'conv_' || (q + 1) as conversation_id,
    'agent_' || (1 + draw('agent', q) % 48) as agent_id,
    1 + skewed('asks', q, least(greatest(k_at(graded_at, getvariable('customers')), 10), getvariable('customers') - 1), 2) as customer_id,
    pick(['Courtesy', 'Resolution', 'Full review'], 'rubric', q) as rubric,
    -- a score above its maximum breaks the contract
    case when q % 499 = 45 then 999 else 5 * (draw('score', q * 2 + version.step) % ((([4, 6, 20])[1 + draw('rubric', q) % 3]) + 1)) end as total_score,
    5 * ([4, 6, 20])[1 + draw('rubric', q) % 3] as max_score,
    graded_at,
    version.updated_at,
    version.delivered_at as _fivetran_synced,
    false as _fivetran_deleted
from repeated
