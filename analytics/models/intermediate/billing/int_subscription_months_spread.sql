with changes as (

    select * from {{ ref('int_subscription_changes_deduplicated') }}

),

plans as (

    select * from {{ ref('int_plans_deduplicated') }}

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

days as (

    select * from {{ ref('time_spine_daily') }}

),

-- Memberships are known up to the month of the newest invoice.
horizon as (

    select max(cast({{ dbt.date_trunc('month', 'issued_at') }} as date)) as last_month
    from invoices

),

months as (

    select distinct cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date
    from days

),

subscriptions as (

    select
        subscription_id,
        min(customer_id) as customer_id,
        cast({{ dbt.date_trunc('month', 'min(effective_at)') }} as date) as first_month
    from changes
    group by subscription_id

),

spread as (

    select
        subscriptions.subscription_id,
        subscriptions.customer_id,
        months.month_start_date
    from subscriptions
    inner join months on subscriptions.first_month <= months.month_start_date
    inner join horizon on months.month_start_date <= horizon.last_month

),

-- The change in force at the end of a month is the newest one before the next month begins.
ranked as (

    select
        spread.subscription_id,
        spread.customer_id,
        spread.month_start_date,
        changes.plan_id,
        row_number() over (
            partition by spread.subscription_id, spread.month_start_date
            order by changes.effective_at desc, changes.change_id desc
        ) as newest_first
    from spread
    inner join changes
        on
            spread.subscription_id = changes.subscription_id
            and changes.effective_at < {{ dbt.dateadd('month', 1, 'spread.month_start_date') }}

),

final as (

    select
        ranked.subscription_id,
        ranked.customer_id,
        ranked.plan_id,
        plans.plan_name,
        ranked.month_start_date,
        -- a yearly plan counts a twelfth a month
        cast(
            coalesce(round(cast(plans.price_cents as numeric(18, 4)) / plans.interval_months, 0), 0)
            as {{ dbt.type_bigint() }}
        ) as mrr_cents
    from ranked
    left join plans on ranked.plan_id = plans.plan_id
    where ranked.newest_first = 1

)

select * from final
