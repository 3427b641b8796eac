with deliveries as (

    select * from {{ ref('stg_crm__deletion_requests') }}
    where reject_reason is null

),

latest as (

    {{ latest_version('deliveries', 'request_id', tie_breakers=['is_withdrawn desc', 'customer_id', 'requested_at']) }}

),

final as (

    select
        request_id,
        customer_id,
        is_withdrawn,
        requested_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
