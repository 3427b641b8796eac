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
