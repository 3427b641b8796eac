-- maestroqa.groups: support teams, with their agents as a list in a string.
with teams as (
    select
        g,
        getvariable('started_at') - days(300) as created_at
    from range(8) as t(g)
),

delivered as (
    select
        g,
        created_at,
        unnest(landed([{'updated_at': created_at, 'delivered_at': run_after(created_at)}])) as version
    from teams
)

select
    'grp_' || (g + 1) as group_id,
    (['Orders US', 'Orders CA', 'Orders GB', 'Orders DE', 'Returns US', 'Returns CA', 'Billing GB', 'Billing DE'])[g + 1] as group_name,
    -- typed by people: blanks, an empty name, one agent named twice
    replace(
        array_to_string(['agent_' || (g * 6 + i) for i in range(1, 7)], ';'), ';', case when g % 2 = 0 then ';' else '; ' end
    )
    || case g when 3 then ';' when 5 then '; agent_31' else '' end as agent_ids,
    version.updated_at,
    version.delivered_at as _fivetran_synced,
    false as _fivetran_deleted
from delivered
order by g
