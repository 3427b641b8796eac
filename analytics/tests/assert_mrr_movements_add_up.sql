-- All movements up to a month come to that month's recurring revenue, for every membership.
with memberships as (

    select * from {{ ref('fct_mrr_monthly') }}

),

running as (

    select
        subscription_id,
        month_start_date,
        mrr_amount,
        sum(
            new_mrr_amount + expansion_mrr_amount + contraction_mrr_amount
            + churned_mrr_amount + reactivation_mrr_amount
        ) over (
            partition by subscription_id
            order by month_start_date
            rows between unbounded preceding and current row
        ) as moved_amount
    from memberships

)

select *
from running
where mrr_amount <> moved_amount
