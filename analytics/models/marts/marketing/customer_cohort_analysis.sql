with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

dates as (

    select * from {{ ref('dim_date') }}

),

sold as (

    select
        orders.customer_id,
        cast({{ dbt.date_trunc('month', 'customers.first_order_date') }} as date) as cohort_month,
        cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date) as order_month,
        orders.net_amount
    from orders
    inner join customers on orders.customer_id = customers.customer_id
    where orders.is_sold

),

cohorts as (

    select
        cohort_month,
        count(distinct customer_id) as cohort_customers
    from sold
    group by cohort_month

),

horizon as (

    select max(order_month) as last_month
    from sold

),

months as (

    select distinct month_start_date
    from dates

),

-- A month in which nobody of the cohort came back is a row too.
cohort_months as (

    select
        cohorts.cohort_month,
        cohorts.cohort_customers,
        months.month_start_date as order_month
    from cohorts
    inner join months on cohorts.cohort_month <= months.month_start_date
    inner join horizon on months.month_start_date <= horizon.last_month

),

active as (

    select
        cohort_month,
        order_month,
        count(distinct customer_id) as active_customers,
        sum(net_amount) as revenue_amount
    from sold
    group by cohort_month, order_month

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key([
            'cohort_months.cohort_month', 'cohort_months.order_month'
        ]) }} as cohort_month_key,

        -- numbers
        cast(
            {{ dbt.datediff('cohort_months.cohort_month', 'cohort_months.order_month', 'month') }}
            as {{ dbt.type_int() }}
        ) as months_since_first_order,
        cohort_months.cohort_customers,
        coalesce(active.active_customers, 0) as active_customers,
        {{ share_of('coalesce(active.active_customers, 0)', 'cohort_months.cohort_customers') }} as retention_rate,
        cast(coalesce(active.revenue_amount, 0) as {{ type_money() }}) as revenue_amount,

        -- dates
        cohort_months.cohort_month,
        cohort_months.order_month
    from cohort_months
    left join active
        on
            cohort_months.cohort_month = active.cohort_month
            and cohort_months.order_month = active.order_month

)

select * from final
