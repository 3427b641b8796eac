-- billing.refunds: money given back, one row a delivered refund; a refund does not change.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    from range(k_at(getvariable('landing_at'), getvariable('orders'))) as t(k)
    where
        (may_land(k, getvariable('orders'), 60) or k % 89 = 31)
        and (is_cancelled_order(k) or is_returned_order(k) or is_charged_back(k) or loses_a_line(k))
        and not is_broken_order(k)
        and k % 2999 <> 77
),

itemised as (
    select k, placed_at, order_lines(k, placed_at) as lines
    from placed
),

refunded as (
    select
        k,
        unnest(
            case when loses_a_line(k) then [{
                'number': 1, 'reason': 'line_removed',
                'amount': gross_cents(lines) - gross_cents(lines[:-2]),
                'at': shipped_at(k, placed_at)
            }] else [] end
            || case
                when is_cancelled_order(k) then [{
                    'number': 2, 'reason': 'cancellation', 'amount': gross_cents(lines), 'at': cancelled_at(k, placed_at)
                }]
                when is_charged_back(k) then [{
                    'number': 2, 'reason': 'cancellation',
                    'amount': case when loses_a_line(k) then gross_cents(lines[:-2]) else gross_cents(lines) end,
                    'at': charged_back_at(k, placed_at)
                }]
                when is_returned_order(k) then [{
                    'number': 2, 'reason': 'return',
                    'amount': case when loses_a_line(k) then gross_cents(lines[:-2]) else gross_cents(lines) end,
                    'at': returned_at(k, placed_at)
                }]
                else []
            end
        ) as refund
    from itemised
),

delivered as (
    select
        k,
        refund,
        unnest(landed([{'delivered_at': run_after(refund.at) + late_by('refund', k * 4 + refund.number)}])) as version
    from refunded
)

select
    (k + 1) * 100 + refund.number as refund_id,
    (k + 1) * 10 + 2 as payment_id,
    refund.amount as amount_cents,
    refund.reason,
    refund.at as refunded_at,
    version.delivered_at as _airbyte_extracted_at
from delivered
