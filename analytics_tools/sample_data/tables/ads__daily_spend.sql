-- ads.daily_spend: one row a delivered figure for a campaign and day; platforms restate a day two days later.
with spent as (
    select
        d,
        n,
        getvariable('started_at')::date + d::int as spend_date,
        (getvariable('orders') / getvariable('history_days') * 250 * (0.5 + unit('spend', d * 10 + n)))::bigint as cents
    from range(date_diff('day', getvariable('started_at'), getvariable('landing_at')) + 1) as t(d)
    cross join range(1, 9) as u(n)
),

delivered as (
    select
        d,
        n,
        spend_date,
        cents,
        unnest(landed([
            {'cents': cents, 'delivered_at': run_after(spend_date::timestamp)},
            {'cents': cents * 103 // 100, 'delivered_at': run_after(spend_date::timestamp) + days(2)}
        ])) as version
    from spent
)

select
    spend_date,
    case when n % 4 = 1 then upper(campaign_channel(n)) || ' ' else campaign_channel(n) end as channel,
    campaign_name(n) as campaign,
    -- a platform that reports a negative day
    case when d % 397 = 21 and n = 5 then -version.cents else version.cents end as spend_cents,
    version.cents // 2 as impressions,
    version.cents // 60 as clicks,
    version.delivered_at as _airbyte_extracted_at
from delivered
