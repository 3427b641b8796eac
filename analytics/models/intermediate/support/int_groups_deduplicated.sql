with deliveries as (

    select * from {{ ref('stg_maestroqa__groups') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'group_id', tie_breakers=[
            'is_deleted desc', byte_order('agent_ids'), byte_order('group_name')
        ])
    }}

),

final as (

    select
        group_id,
        group_name,
        agent_ids,
        is_deleted,
        updated_at,
        loaded_at
    from latest

)

select * from final
