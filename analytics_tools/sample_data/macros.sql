-- What every table's query shares. All randomness is a hash of (seed, salt, row number), so any row can be
-- made alone, in any order, on any number of threads, and is always the same.

create or replace macro draw(salt, k) as
    (hash(k, salt || getvariable('seed')) % 1000000007)::bigint;

-- uniform in [0, 1)
create or replace macro unit(salt, k) as draw(salt, k) / 1000000007.0;

create or replace macro pick(choices, salt, k) as choices[1 + draw(salt, k) % len(choices)];

create or replace macro days(n) as to_seconds((n * 86400)::bigint);

-- Business grows: the k-th of n rows of the history happens at (k / n) ** 0.8 of the history's length, and
-- the same curve goes on after it. `k_at` is its inverse.
create or replace macro happened_at(k, n) as
    getvariable('started_at')
    + to_seconds((getvariable('history_days') * 86400 * pow(k / n, 0.8))::bigint);

create or replace macro k_at(moment, n) as
    (n * pow(greatest(epoch(moment - getvariable('started_at')), 0) / (getvariable('history_days') * 86400), 1.25))::bigint;

-- The extraction job runs every night at 02:15 UTC and takes what changed on the day before.
create or replace macro run_after(moment) as date_trunc('day', moment) + interval '1 day 2 hours 15 minutes';

-- What one landing holds of a row's versions, each a struct with `delivered_at`, oldest first. The first
-- landing starts with a full sync (the newest version then known, once) and goes on with the nightly
-- runs since; a later landing holds only the runs after `landed_through`.
create or replace macro landed(versions) as
    case
        when getvariable('is_first_landing')
            then list_transform(
                list_filter(versions, lambda v: v.delivered_at <= getvariable('synced_at'))[-1:],
                lambda v: struct_update(v, delivered_at := getvariable('synced_at'))
            ) || list_filter(
                versions,
                lambda v: v.delivered_at > getvariable('synced_at') and v.delivered_at <= getvariable('landing_at')
            )
        else list_filter(
            versions,
            lambda v: v.delivered_at > getvariable('landed_through') and v.delivered_at <= getvariable('landing_at')
        )
    end;

-- A whole number below n, the small ones the likelier the larger the skew; the head is flattened, so that
-- no single customer or product carries a visible share.
create or replace macro skewed(salt, k, n, skew) as
    floor((pow(0.05 + 0.95 * unit(salt, k), skew) - pow(0.05, skew)) / (1 - pow(0.05, skew)) * n)::bigint;

-- Only what may still change is looked at again by a later landing.
create or replace macro may_land(k, n, within_days) as
    k >= k_at(getvariable('landed_through') - days(within_days), n);

-- A product's list price in cents at a moment: every tenth product went up by a tenth at mid-history.
create or replace macro repriced_at(product) as
    getvariable('started_at') + days(floor(getvariable('history_days') * (0.3 + 0.6 * unit('reprice', product))));

create or replace macro base_price_cents(product) as
    199 + 100 * floor(pow(unit('price', product), 3) * 250)::bigint;

create or replace macro price_cents(product, moment) as
    case
        when product % 10 = 3 and moment >= getvariable('repriced')[product] then getvariable('prices')[product] * 11 // 10
        else getvariable('prices')[product]
    end;

-- Orders come in blocks of four with one, two, three and four lines in an order that varies: ten lines a block.
create or replace macro line_count(k) as 1 + (k % 4 + draw('lines', k // 4)) % 4;

-- The lines of one order, as a list of structs; amounts in cents, rounded half up, line by line.
create or replace macro order_lines(k, placed_at) as list_transform(
    list_transform(
        range(line_count(k)),
        lambda i: {
            'line_number': i + 1,
            'product_id': 1 + skewed('product', k * 4 + i, getvariable('products'), 1.6),
            'quantity': 1 + draw('quantity', k * 4 + i) % 100 // 40,
            'percent_off': case when draw('promotion', k) % 100 < 20 then 10 * (1 + draw('promotion', k) % 2) else 0 end
        }
    ),
    lambda l: struct_insert(
        l,
        unit_price_cents := price_cents(l.product_id, placed_at),
        discount_cents := (l.quantity * price_cents(l.product_id, placed_at) * l.percent_off + 50) // 100
    )
);

create or replace macro tax_cents(net_cents) as (net_cents * 825 + 5000) // 10000;

-- The moments in an order's life. One in twenty is cancelled, one in twenty-five returned.
create or replace macro is_cancelled_order(k) as draw('outcome', k) % 1000 < 50;
create or replace macro is_returned_order(k) as draw('outcome', k) % 1000 between 50 and 89;
create or replace macro shipped_at(k, placed_at) as placed_at + to_seconds(21600 + draw('shipped', k) % 151200);
create or replace macro completed_at(k, placed_at) as placed_at + to_seconds(259200 + draw('completed', k) % 259200);

-- On one order in 97 the last line is taken out again before shipping.
create or replace macro loses_a_line(k) as k % 97 = 5 and line_count(k) > 1 and not is_cancelled_order(k);

-- A nightly run misses one version in a hundred and delivers it days later, perhaps after a newer one.
create or replace macro late_by(salt, k) as
    days(case when draw('late' || salt, k) % 100 = 0 then 1 + draw('lateness' || salt, k) % 9 else 0 end);

-- One order's life: what orders, invoices, payments and refunds agree on.
create or replace macro cancelled_at(k, placed_at) as placed_at + to_seconds(7200 + draw('cancel', k) % 244800);
create or replace macro returned_at(k, placed_at) as completed_at(k, placed_at) + days(10 + draw('return', k) % 15);
create or replace macro is_charged_back(k) as k % 89 = 31 and not is_cancelled_order(k) and not is_returned_order(k);
create or replace macro charged_back_at(k, placed_at) as completed_at(k, placed_at) + days(30 + draw('chargeback', k) % 370);
-- One order in 1,999 breaks the contract in every version.
create or replace macro is_broken_order(k) as k % 1999 = 17;

create or replace macro gross_cents(lines) as list_sum([
    l.quantity * l.unit_price_cents - l.discount_cents + tax_cents(l.quantity * l.unit_price_cents - l.discount_cents)
    for l in lines
])::bigint;

-- A web shop order, and who places it.
create or replace macro store_of(k) as
    case when draw('channel', k) % 100 < 35 then 1 else 2 + draw('store', k) % 23 end;
create or replace macro customer_of(k, placed_at) as
    1 + skewed('buyer', k, least(
        greatest(k_at(placed_at, getvariable('customers')), 10), getvariable('customers') - 1
    ), 2);
create or replace macro joined_at(c) as
    case
        when c < 50 then getvariable('started_at') - days(1 + c)
        else happened_at(c, getvariable('customers'))
    end;

-- The membership of a customer: every third has one, taken some time after joining. Its changes, oldest first.
create or replace macro is_member(c) as draw('member', c) % 3 = 0;
create or replace macro membership_changes(c) as
    list_filter(
        [
            {'step': 0, 'change': 'started', 'plan_id': 1 + draw('plan', c) % 4,
             'effective_at': joined_at(c) + days(5 + draw('start', c) % 90)},
            {'step': 1, 'change': 'changed', 'plan_id': 1 + (draw('plan', c) + 1 + draw('replan', c) % 3) % 4,
             'effective_at': joined_at(c) + days(120 + draw('replanned', c) % 150)},
            {'step': 2, 'change': 'cancelled', 'plan_id': null::bigint,
             'effective_at': joined_at(c) + days(290 + draw('quit', c) % 200)},
            {'step': 3, 'change': 'reactivated', 'plan_id': 1 + draw('plan again', c) % 4,
             'effective_at': joined_at(c) + days(500 + draw('again', c) % 90)}
        ],
        lambda s: case s.step
            when 0 then true
            when 1 then draw('replans', c) % 10 < 4
            when 2 then draw('quits', c) % 10 < 4
            else draw('quits', c) % 10 < 4 and draw('returns', c) % 10 < 3
        end
    );

-- What the plans cost, in cents a billing interval of so many months.
create or replace macro plan_price_cents(plan) as ([900, 1900, 3900, 34800])[plan];
create or replace macro plan_months(plan) as ([1, 1, 1, 12])[plan];

-- The campaigns that visits come from and money is spent on; number 0 is a visit without one.
create or replace macro campaign_name(n) as
    (['brand_search', 'generic_search', 'retargeting', 'prospecting', 'creators', 'spring_sale', 'partners', 'newsletter'])[n];
create or replace macro campaign_channel(n) as
    (['google', 'google', 'meta', 'meta', 'tiktok', 'google', 'affiliate', 'email'])[n];
create or replace macro campaign_of(salt, k) as
    case when draw(salt, k) % 10 < 4 then 0 else 1 + draw(salt, k) % 8 end;
