with deliveries as (

    select * from {{ ref('stg_crm__customers') }}
    where reject_reason is null

),

forgotten as (

    select * from {{ ref('int_customers_forgotten') }}

),

latest as (

    {{
        latest_version('deliveries', 'customer_id', tie_breakers=[
            'is_deleted desc', byte_order('email'), byte_order('first_name'), byte_order('last_name'),
            'account_id', byte_order('country_code'), 'is_email_valid', 'is_active', 'created_at'
        ])
    }}

),

-- Whoever asked to be forgotten is forgotten here, before anything is stored: the row stays, the person goes.
final as (

    select
        latest.customer_id,
        latest.account_id,
        case when forgotten.customer_id is null then latest.first_name end as first_name,
        case when forgotten.customer_id is null then latest.last_name end as last_name,
        case when forgotten.customer_id is null then latest.email end as email,
        latest.country_code,
        latest.is_email_valid,
        latest.is_active,
        latest.is_deleted,
        forgotten.customer_id is not null as is_forgotten,
        latest.created_at,
        latest.updated_at,
        latest.loaded_at
    from latest
    left join forgotten on latest.customer_id = forgotten.customer_id

)

select * from final
