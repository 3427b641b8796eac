with subscription_months as (

    select * from {{ ref('int_subscription_months_spread') }}

),

compared as (

    select
        *,
        coalesce(lag(mrr_cents) over (partition by subscription_id order by month_start_date), 0) as previous_mrr_cents,
        coalesce(
            max(mrr_cents) over (
                partition by subscription_id
                order by month_start_date
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as highest_mrr_cents_before
    from subscription_months

),

classed as (

    select
        *,
        case
            when previous_mrr_cents = 0 and mrr_cents > 0 and highest_mrr_cents_before = 0 then 'new'
            when previous_mrr_cents = 0 and mrr_cents > 0 then 'reactivation'
            when previous_mrr_cents > 0 and mrr_cents = 0 then 'churn'
            when mrr_cents > previous_mrr_cents then 'expansion'
            when mrr_cents < previous_mrr_cents then 'contraction'
            else 'none'
        end as movement,
        mrr_cents - previous_mrr_cents as change_cents
    from compared

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['subscription_id', 'month_start_date']) }} as subscription_month_key,
        subscription_id,
        customer_id,

        -- strings
        plan_name,
        cast(movement as {{ dbt.type_string() }}) as movement,

        -- numbers
        {{ cents_to_dollars('previous_mrr_cents') }} as previous_mrr_amount,
        {{ cents_to_dollars("case when movement = 'new' then change_cents else 0 end") }} as new_mrr_amount,
        {{ cents_to_dollars("case when movement = 'expansion' then change_cents else 0 end") }} as expansion_mrr_amount,
        {{ cents_to_dollars(
            "case when movement = 'contraction' then change_cents else 0 end"
        ) }} as contraction_mrr_amount,
        {{ cents_to_dollars("case when movement = 'churn' then change_cents else 0 end") }} as churned_mrr_amount,
        {{ cents_to_dollars(
            "case when movement = 'reactivation' then change_cents else 0 end"
        ) }} as reactivation_mrr_amount,
        {{ cents_to_dollars('mrr_cents') }} as mrr_amount,
        {{ cents_to_dollars('mrr_cents * 12') }} as arr_amount,

        -- booleans
        mrr_cents > 0 as is_active,

        -- dates
        month_start_date
    from classed
    where mrr_cents > 0 or previous_mrr_cents > 0

)

select * from final
