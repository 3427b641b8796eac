with deliveries as (

    select * from {{ ref('stg_orders__stores') }}
    where reject_reason is null

),

latest as (

    {{ latest_version('deliveries', 'store_id', tie_breakers=['is_deleted desc', 'store_name']) }}

),

final as (

    select
        store_id,
        store_name,
        store_region,
        country_code,
        is_deleted,
        opened_at,
        updated_at,
        loaded_at
    from latest

)

select * from final
