with deliveries as (

    select * from {{ ref('stg_maestroqa__total_scores') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'conversation_id', tie_breakers=[
            'is_deleted desc', 'total_score', byte_order('agent_id'), byte_order('rubric_name'), 'max_score',
            'customer_id', 'graded_at'
        ])
    }}

),

final as (

    select
        conversation_id,
        agent_id,
        customer_id,
        rubric_name,
        total_score,
        max_score,
        is_deleted,
        graded_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
