-- orders.stores: one row a delivered version of a store. Store 1 is the web shop.
with stores as (
    select
        s + 1 as store_id,
        getvariable('started_at') - days(100 + draw('opened', s) % 2000) as opened_at
    from range(24) as t(s)
),

delivered as (
    select
        store_id,
        opened_at,
        unnest(landed(
            [{'updated_at': opened_at, 'moved': false, 'delivered_at': run_after(opened_at)}]
            -- the sales regions are reorganised ten days before the first landing
            || case
                when store_id % 6 = 5 then [{
                    'updated_at': getvariable('synced_at') + days(20),
                    'moved': true,
                    'delivered_at': run_after(getvariable('synced_at') + days(20))
                }]
                else []
            end
        )) as version
    from stores
)

select
    store_id,
    case when store_id = 1 then 'Web shop' else 'Store ' || lpad(store_id::varchar, 2, '0') end as store_name,
    case when store_id = 1 then 'Online' else (['North', 'South', 'East', 'West'])[1 + (store_id + version.moved::int) % 4] end as region,
    case when store_id % 5 = 2 then 'ca' when store_id % 7 = 3 then ' US' else 'US' end as country_code,
    opened_at,
    version.updated_at,
    version.delivered_at as _airbyte_extracted_at,
    null::timestamp as _ab_cdc_deleted_at
from delivered
