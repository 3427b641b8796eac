-- web.events: one row a delivered event of the web shop, as a tracker sends it: twice, late, out of order.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    -- who looks around before midnight may order up to four hours later
    from range(k_at(getvariable('landing_at') + to_seconds(14400), getvariable('orders'))) as t(k)
    where may_land(k, getvariable('orders'), 15)
),

-- A web order ends a visit in which the buyer logs in.
buying as (
    select
        k * 4 as visit,
        'device_' || (customer_of(k, placed_at) * 2 + draw('device', k) % 2) as anonymous_id,
        customer_of(k, placed_at) as user_id,
        k + 1 as order_id,
        placed_at - to_seconds(900) as began_at,
        5 as steps,
        campaign_of('buying from', k) as campaign
    from placed
    where store_of(k) = 1
),

-- For each order somebody looks around: half of them known, on a device that has logged in before.
browsing as (
    select
        k * 4 + 1 as visit,
        case
            when draw('known', k) % 2 = 0
                then 'device_' || (customer_of(k * 7 + 3, placed_at) * 2 + draw('browser', k) % 2)
            else 'visitor_' || k
        end as anonymous_id,
        null::bigint as user_id,
        null::bigint as order_id,
        placed_at - to_seconds(7200 + draw('browsed', k) % 7200) as began_at,
        1 + draw('depth', k) % 5 as steps,
        campaign_of('browsing from', k) as campaign
    from placed
),

-- Whoever joins does it on the web.
joining as (
    select
        (c * 4 + 2)::bigint as visit,
        'device_' || ((c + 1) * 2) as anonymous_id,
        c + 1 as user_id,
        null::bigint as order_id,
        joined_at(c) - to_seconds(200) as began_at,
        2 as steps,
        campaign_of('joining from', c) as campaign
    from range(greatest(k_at(getvariable('landing_at'), getvariable('customers')), 50)) as t(c)
    where may_land(c, getvariable('customers'), 15)
),

visits as (
    select * from buying
    union all
    select * from browsing
    union all
    select * from joining
),

steps as (
    select
        *,
        unnest(range(steps)) as step
    from visits
),

happened as (
    select
        *,
        case
            when visit % 4 = 0 then (['page_view', 'product_view', 'add_to_cart', 'login', 'purchase'])[step + 1]
            when visit % 4 = 2 then (['page_view', 'signup'])[step + 1]
            when step = 0 then 'page_view'
            when step = 3 and draw('carts', visit) % 3 = 0 then 'add_to_cart'
            else 'product_view'
        end as event_type,
        began_at + to_seconds(
            case
                when visit % 4 = 0 then step * 225
                when visit % 4 = 2 then step * 200
                -- some pause for just under, or just, half an hour
                when visit % 50 = 1 then step * 1799
                when visit % 50 = 3 then step * 1800
                else step * (30 + draw('pace', visit) % 600)
            end
        ) as occurred_at
    from steps
),

received as (
    select
        *,
        occurred_at + to_seconds(
            1 + draw('network', visit * 8 + step) % 5
            -- a phone that was offline sends days later
            + case when draw('offline', visit * 8 + step) % 50 = 0 then 86400 * (1 + draw('offline for', visit * 8 + step) % 4) else 0 end
        ) as received_at
    from happened
),

delivered as (
    select
        *,
        unnest(landed([{'delivered_at': run_after(received_at)}])).delivered_at as delivered_at
    from received
),

repeated as (
    select *, unnest(range(case when (visit * 8 + step) % 127 = 30 then 2 else 1 end)) as copy
    from delivered
)

select
    md5(visit || '-' || step || getvariable('seed')) as event_id,
    -- a tracker that could not say who
    case when (visit * 8 + step) % 5003 = 2500 then null else anonymous_id end as anonymous_id,
    case when (visit % 4 = 0 and step >= 3) or (visit % 4 = 2 and step = 1) then user_id end as user_id,
    event_type,
    case event_type
        when 'product_view' then '/products/' || (1 + draw('viewed', visit * 8 + step) % getvariable('products'))
        when 'purchase' then '/checkout/done' when 'add_to_cart' then '/cart' when 'signup' then '/join'
        when 'login' then '/login' else '/'
    end as page_path,
    case when step = 0 and campaign > 0 then campaign_channel(campaign) end as utm_source,
    case when step = 0 and campaign > 0 then campaign_name(campaign) end as utm_campaign,
    case when event_type = 'purchase' then order_id end as order_id,
    occurred_at,
    received_at,
    delivered_at as _airbyte_extracted_at
from repeated
