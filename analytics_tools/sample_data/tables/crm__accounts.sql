-- crm.accounts: households and companies that customers belong to.
with accounts as (
    select
        a,
        getvariable('started_at') - days(1 + a % 400) as created_at
    from range(getvariable('accounts')) as t(a)
),

delivered as (
    select
        a,
        created_at,
        unnest(landed([{'updated_at': created_at, 'delivered_at': run_after(created_at)}])) as version
    from accounts
)

select
    a + 1 as account_id,
    pick(['North', 'Blue', 'Old Town', 'River', 'Union', 'Green'], 'account', a) || ' '
    || pick(['Household', 'Studio', 'Bakery', 'School', 'Clinic', 'Office'], 'kind', a) || ' ' || (a + 1) as account_name,
    pick(['household', 'company', 'Company ', 'education'], 'type', a) as account_type,
    created_at,
    version.updated_at,
    version.delivered_at as _fivetran_synced,
    false as _fivetran_deleted
from delivered
