with customers as (

    select * from {{ ref('dim_customer') }}

),

lifetime as (

    select * from {{ ref('customer_lifetime_value') }}

),

memberships as (

    select * from {{ ref('fct_mrr_monthly') }}

),

sessions as (

    select * from {{ ref('fct_web_sessions') }}

),

conversations as (

    select * from {{ ref('fct_support_quality') }}

),

newest_month as (

    select max(month_start_date) as month_start_date
    from memberships

),

members as (

    select
        memberships.customer_id,
        sum(memberships.mrr_amount) as mrr_amount
    from memberships
    inner join newest_month on memberships.month_start_date = newest_month.month_start_date
    group by memberships.customer_id

),

visits as (

    select
        customer_id,
        count(*) as web_sessions,
        max(session_date) as most_recent_session_date
    from sessions
    where customer_id is not null
    group by customer_id

),

graded as (

    select
        customer_id,
        count(*) as graded_conversations,
        {{ quotient('sum(score_share)', 'count(score_share)') }} as average_support_score
    from conversations
    group by customer_id

),

final as (

    select
        -- ids
        customers.customer_id,
        customers.account_id,

        -- strings
        customers.first_name,
        customers.last_name,
        customers.email,
        customers.country_code,
        customers.customer_tier,

        -- numbers
        customers.lifetime_orders,
        customers.lifetime_value as order_amount,
        lifetime.membership_amount,
        lifetime.returned_amount,
        lifetime.lifetime_value,
        cast(coalesce(members.mrr_amount, 0) as {{ type_money() }}) as mrr_amount,
        coalesce(visits.web_sessions, 0) as web_sessions,
        coalesce(graded.graded_conversations, 0) as graded_conversations,
        graded.average_support_score,

        -- booleans
        customers.is_active,
        coalesce(members.mrr_amount, 0) > 0 as is_member,
        customers.is_forgotten,

        -- dates
        customers.first_order_date,
        customers.most_recent_order_date,
        visits.most_recent_session_date
    from customers
    inner join lifetime on customers.customer_id = lifetime.customer_id
    left join members on customers.customer_id = members.customer_id
    left join visits on customers.customer_id = visits.customer_id
    left join graded on customers.customer_id = graded.customer_id

)

select * from final
