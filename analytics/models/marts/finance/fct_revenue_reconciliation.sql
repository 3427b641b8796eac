with orders as (

    select * from {{ ref('fct_orders') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

ordered as (

    select
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as month_start_date,
        sum(total_amount) as ordered_amount
    from orders
    where is_sold
    group by 1

),

billed as (

    select
        cast({{ dbt.date_trunc('month', 'issued_date') }} as date) as month_start_date,
        sum(case when is_void then 0 else invoiced_amount end) as invoiced_amount,
        -- what was given back for a return stays revenue here: the order was sold
        sum(paid_amount - reversed_amount) as paid_amount
    from invoices
    where invoice_type = 'order'
    group by 1

),

joined as (

    select
        coalesce(ordered.month_start_date, billed.month_start_date) as month_start_date,
        coalesce(ordered.ordered_amount, 0) as ordered_amount,
        coalesce(billed.invoiced_amount, 0) as invoiced_amount,
        coalesce(billed.paid_amount, 0) as paid_amount
    from ordered
    full outer join billed on ordered.month_start_date = billed.month_start_date

),

final as (

    select
        -- numbers
        cast(ordered_amount as {{ type_money() }}) as ordered_amount,
        cast(invoiced_amount as {{ type_money() }}) as invoiced_amount,
        cast(paid_amount as {{ type_money() }}) as paid_amount,
        cast(invoiced_amount - ordered_amount as {{ type_money() }}) as invoiced_variance_amount,
        cast(paid_amount - ordered_amount as {{ type_money() }}) as paid_variance_amount,
        {{ quotient(
            'greatest(abs(invoiced_amount - ordered_amount), abs(paid_amount - ordered_amount))', 'ordered_amount'
        ) }} as variance_share,

        -- dates
        month_start_date
    from joined

)

select * from final
