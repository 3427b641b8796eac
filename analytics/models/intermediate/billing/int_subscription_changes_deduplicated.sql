with deliveries as (

    select * from {{ ref('stg_billing__subscription_changes') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'change_id', tie_breakers=[
            byte_order('change_type'), 'plan_id', 'subscription_id', 'customer_id', 'effective_at'
        ])
    }}

),

final as (

    select
        change_id,
        subscription_id,
        customer_id,
        plan_id,
        change_type,
        effective_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
