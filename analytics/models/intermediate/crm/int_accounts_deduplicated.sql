with deliveries as (

    select * from {{ ref('stg_crm__accounts') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'account_id', tie_breakers=[
            'is_deleted desc', byte_order('account_name'), byte_order('account_type'), 'created_at'
        ])
    }}

),

final as (

    select
        account_id,
        account_name,
        account_type,
        is_deleted,
        created_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
