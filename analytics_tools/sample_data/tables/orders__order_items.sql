-- orders.order_items: one row a delivered version of an order line.
with placed as (
    select
        k,
        happened_at(k, getvariable('orders')) as placed_at
    from range(k_at(getvariable('landing_at'), getvariable('orders'))) as t(k)
    where may_land(k, getvariable('orders'), 20)
),

-- Ten lines a block of four orders: what the block's earlier orders hold gives a line its number.
numbered as (
    select
        k,
        placed_at,
        k // 4 * 10 + coalesce(list_sum([line_count(j) for j in range(k // 4 * 4, k)]), 0)::bigint as lines_before
    from placed
),

lines as (
    select k, placed_at, lines_before, unnest(order_lines(k, placed_at)) as line
    from numbered
),

delivered as (
    select
        k,
        placed_at,
        lines_before,
        line,
        landed(
            [{'updated_at': placed_at, 'deleted_at': null::timestamp, 'delivered_at': run_after(placed_at)}]
            || case
                when loses_a_line(k) and line.line_number = line_count(k) then [{
                    'updated_at': shipped_at(k, placed_at),
                    'deleted_at': shipped_at(k, placed_at),
                    'delivered_at': run_after(shipped_at(k, placed_at))
                }]
                else []
            end
        ) as versions
    from lines
),

rows as (
    select k, placed_at, lines_before, line, unnest(versions) as version
    from delivered
    where len(versions) > 0
),

repeated as (
    select
        rows.*,
        -- the second copy is delivered again the next night, unchanged, where the seed says so
        unnest(case when (lines_before + line.line_number) % 223 = 6 then [0, draw('again', lines_before) % 2] else [0] end) as again
    from rows
),

good as (
    select
        lines_before + line.line_number as order_item_id,
        k + 1 as order_id,
        line.line_number,
        line.product_id,
        line.quantity,
        line.unit_price_cents,
        line.discount_cents,
        tax_cents(line.quantity * line.unit_price_cents - line.discount_cents) as tax_cents,
        placed_at as created_at,
        version.updated_at,
        least(version.delivered_at + days(again), getvariable('landing_at')) as _airbyte_extracted_at,
        version.deleted_at as _ab_cdc_deleted_at
    from repeated
),

-- Rows that break the contract: no product, or nothing bought. No order's total ever counted them.
broken as (
    select
        1000000000000 + k as order_item_id,
        k + 1 as order_id,
        99::bigint as line_number,
        case when k % 2 = 0 then 1 end as product_id,
        case when k % 2 = 0 then 0 else 1 end::bigint as quantity,
        100::bigint as unit_price_cents,
        0::bigint as discount_cents,
        0::bigint as tax_cents,
        placed_at as created_at,
        placed_at as updated_at,
        unnest(landed([{'delivered_at': run_after(placed_at)}])).delivered_at as _airbyte_extracted_at,
        null::timestamp as _ab_cdc_deleted_at
    from placed
    where k % 1999 = 33
)

select * from good
union all
select * from broken
