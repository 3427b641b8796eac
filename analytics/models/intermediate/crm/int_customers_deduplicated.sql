with deliveries as (

    select * from {{ ref('stg_crm__customers') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'customer_id', tie_breakers=[
            'is_deleted desc', 'email', 'first_name', 'last_name'
        ])
    }}

),

final as (

    select
        customer_id,
        first_name,
        last_name,
        email,
        country_code,
        is_email_valid,
        is_active,
        is_deleted,
        created_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
