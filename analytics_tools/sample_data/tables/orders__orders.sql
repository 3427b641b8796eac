-- orders.orders: one row a delivered version of an order, as a change-data-capture tool leaves it.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    from range(k_at(getvariable('landing_at'), getvariable('orders'))) as t(k)
    where may_land(k, getvariable('orders'), 60) or k % 89 = 31
),

itemised as (
    select
        k,
        placed_at,
        order_lines(k, placed_at) as all_lines,
        loses_a_line(k) as loses_one
    from placed
),

kept as (
    select
        k,
        placed_at,
        all_lines,
        case when loses_one then all_lines[:-2] else all_lines end as kept_lines
    from itemised
),

totalled as (
    select
        k,
        placed_at,
        {
            'subtotal': list_sum([l.quantity * l.unit_price_cents for l in all_lines])::bigint,
            'discount': list_sum([l.discount_cents for l in all_lines])::bigint,
            'tax': list_sum([tax_cents(l.quantity * l.unit_price_cents - l.discount_cents) for l in all_lines])::bigint
        } as first_total,
        {
            'subtotal': list_sum([l.quantity * l.unit_price_cents for l in kept_lines])::bigint,
            'discount': list_sum([l.discount_cents for l in kept_lines])::bigint,
            'tax': list_sum([tax_cents(l.quantity * l.unit_price_cents - l.discount_cents) for l in kept_lines])::bigint
        } as last_total
    from kept
),

lived as (
    select
        k,
        placed_at,
        [
            {'status': 'placed', 'updated_at': placed_at, 'total': first_total, 'step': 0}
        ]
        || case
            when is_cancelled_order(k) then [
                {'status': 'cancelled', 'updated_at': cancelled_at(k, placed_at), 'total': first_total, 'step': 1}
            ]
            else [
                {'status': 'shipped', 'updated_at': shipped_at(k, placed_at), 'total': last_total, 'step': 2},
                {'status': 'completed', 'updated_at': completed_at(k, placed_at), 'total': last_total, 'step': 3}
            ]
        end
        || case
            when is_returned_order(k) then [
                {'status': 'returned', 'updated_at': returned_at(k, placed_at), 'total': last_total, 'step': 4}
            ]
            -- charged back long after: the kind of change a short look-back on the order's own date misses
            when is_charged_back(k) then [
                {'status': 'cancelled', 'updated_at': charged_back_at(k, placed_at), 'total': last_total, 'step': 5}
            ]
            else []
        end as steps
    from totalled
),

delivered as (
    select
        k,
        placed_at,
        landed([
            struct_insert(
                s,
                delivered_at := run_after(s.updated_at)
                    + late_by('order', k * 8 + s.step)
                    -- one header in 61 arrives days after its lines
                    + days(case when s.step = 0 and k % 61 = 23 then 1 + draw('header', k) % 9 else 0 end)
            )
            for s in steps
        ]) as versions
    from lived
),

rows as (
    select k, placed_at, unnest(versions) as version
    from delivered
    where len(versions) > 0
),

repeated as (
    select k, placed_at, version, unnest(range(case when (k * 8 + version.step) % 211 = 4 then 2 else 1 end)) as copy
    from rows
)

select
    k + 1 as order_id,
    customer_of(k, placed_at) as customer_id,
    store_of(k) as store_id,
    case
        when is_broken_order(k) and k // 1999 % 3 = 0 then 'PENDING_REVIEW'
        when draw('case', k) % 20 = 0 then upper(version.status) || ' '
        else version.status
    end as status,
    case when is_broken_order(k) and k // 1999 % 3 = 1 then null else placed_at end as ordered_at,
    case when is_broken_order(k) and k // 1999 % 3 = 2 then -1 else 1 end * version.total.subtotal as subtotal_cents,
    version.total.discount as discount_cents,
    version.total.tax as tax_cents,
    version.total.subtotal - version.total.discount + version.total.tax as total_cents,
    version.updated_at,
    version.delivered_at as _airbyte_extracted_at,
    null::timestamp as _ab_cdc_deleted_at
from repeated
