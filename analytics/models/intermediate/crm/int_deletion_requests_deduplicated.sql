with deliveries as (

    select * from {{ ref('stg_crm__deletion_requests') }}
    where reject_reason is null

),

latest as (

    {{ latest_version('deliveries', 'customer_id', tie_breakers=['request_id']) }}

),

final as (

    select
        customer_id,
        requested_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
