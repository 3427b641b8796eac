-- crm.customers: one row a delivered version of a customer, in the manner of Fivetran.
with joined as (
    select
        c,
        joined_at(c) as created_at
    from range(greatest(k_at(getvariable('landing_at'), getvariable('customers')), 50)) as t(c)
),

lived as (
    select
        c,
        created_at,
        [{'step': 0, 'updated_at': created_at, 'deleted': false}]
        || case
            when draw('moved', c) % 5 = 0
                then [{'step': 1, 'updated_at': created_at + days(20 + draw('move', c) % 300), 'deleted': false}]
            else []
        end
        || case
            when draw('left', c) % 50 = 0
                then [{'step': 2, 'updated_at': created_at + days(330 + draw('leave', c) % 300), 'deleted': true}]
            else []
        end as steps
    from joined
),

delivered as (
    select
        c,
        created_at,
        landed([
            struct_insert(s, delivered_at := run_after(s.updated_at) + late_by('customer', c * 4 + s.step))
            for s in steps
        ]) as versions
    from lived
),

rows as (
    select c, created_at, unnest(versions) as version
    from delivered
),

repeated as (
    select rows.*, unnest(range(case when (c * 4 + version.step) % 101 = 8 then 2 else 1 end)) as copy
    from rows
),

named as (
    select
        *,
        pick(['Ada', 'Bea', 'Carlos', 'Dmitri', 'Elif', 'Femi', 'Grace', 'Hiro', 'Ines', 'Jonas', 'Kofi', 'Lena'], 'first', c) as first_name,
        pick(['Adler', 'Baptiste', 'Chen', 'Diaz', 'Evans', 'Fischer', 'Garcia', 'Hansen', 'Ito', 'Jensen'], 'last', c) as last_name
    from repeated
)

select
    -- no key: the contract is broken
    case when c % 997 = 11 then null else c + 1 end as customer_id,
    case when draw('private', c) % 5 < 2 then null else 1 + c % getvariable('accounts') end as account_id,
    case
        when c % 83 = 21 then lower(first_name) || '.example.com'
        when c % 89 = 22 then lower(first_name) || '@@example'
        when c % 7 = 3 then ' ' || upper(first_name) || '.' || last_name || c || '@Example.com'
        else lower(first_name) || '.' || lower(last_name) || c || '@example.com'
    end as email,
    case when c % 9 = 4 then upper(first_name) || ' ' when c % 13 = 5 then '  ' || first_name else first_name end as first_name,
    case when c % 11 = 6 then lower(last_name) else last_name end as last_name,
    case when version.step >= 1 then pick(['US', 'CA', 'GB', 'DE'], 'moved_to', c) else pick(['US', 'US', 'us', 'CA ', 'GB'], 'country', c) end as country_code,
    not version.deleted and draw('active', c) % 12 <> 0 as is_active,
    created_at,
    version.updated_at,
    version.delivered_at as _fivetran_synced,
    version.deleted as _fivetran_deleted
from named
