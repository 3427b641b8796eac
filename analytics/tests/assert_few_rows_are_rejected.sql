-- No source table breaks its contract in more than one row of a hundred: past that it is no dirt, but a change. Below
-- a thousand rows a few say nothing.
with reconciliation as (

    select * from {{ ref('fct_row_reconciliation') }}
    where delivered_row_count >= 1000

)

{{ values_above(
    'reconciliation',
    'source_table',
    0.01,
    measure=share_of('sum(rejected_row_count)', 'sum(delivered_row_count)')
) }}
