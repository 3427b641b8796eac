with sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

dates as (

    select * from {{ ref('dim_date') }}

),

-- A known person is one user on all devices; an unknown device is a user of its own.
activity as (

    select distinct
        sessions.session_date,
        case
            when sessions.customer_id is not null
                then {{ dbt.concat(["'customer-'", 'cast(sessions.customer_id as ' ~ dbt.type_string() ~ ')']) }}
            else {{ dbt.concat(["'device-'", 'sessions.anonymous_id']) }}
        end as user_key,
        customers.account_id
    from sessions
    left join customers on sessions.customer_id = customers.customer_id

),

bounds as (

    select
        min(session_date) as first_date,
        max(session_date) as last_date
    from activity

),

days as (

    select dates.date_day
    from dates
    inner join bounds on dates.date_day between bounds.first_date and bounds.last_date

),

final as (

    select
        -- numbers
        count(
            distinct case when activity.session_date = days.date_day then activity.user_key end
        ) as daily_active_users,
        count(distinct case
            when activity.session_date > {{ dbt.dateadd('day', -7, 'days.date_day') }} then activity.user_key
        end) as weekly_active_users,
        count(distinct activity.user_key) as monthly_active_users,
        count(
            distinct case when activity.session_date = days.date_day then activity.account_id end
        ) as daily_active_accounts,
        count(distinct case
            when activity.session_date > {{ dbt.dateadd('day', -7, 'days.date_day') }} then activity.account_id
        end) as weekly_active_accounts,
        count(distinct activity.account_id) as monthly_active_accounts,

        -- dates
        days.date_day
    from days
    left join activity
        on
            activity.session_date <= days.date_day
            and activity.session_date > {{ dbt.dateadd('day', -28, 'days.date_day') }}
    group by days.date_day

)

select * from final
