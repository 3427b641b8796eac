with deliveries as (

    select * from {{ ref('stg_billing__plans') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'plan_id', tie_breakers=[
            byte_order('plan_name'), 'price_cents', 'interval_months'
        ])
    }}

),

final as (

    select
        plan_id,
        plan_name,
        price_cents,
        interval_months,
        updated_at,
        loaded_at
    from latest

)

select * from final
