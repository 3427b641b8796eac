with deliveries as (

    select * from {{ ref('stg_orders__stores') }}
    where reject_reason is null

),

latest as (

    {{
        latest_version('deliveries', 'store_id', tie_breakers=[
            'is_deleted desc', byte_order('store_name'), byte_order('store_region'), byte_order('country_code'),
            'opened_at'
        ])
    }}

),

-- The newest region that differs from today's, for as far back as deliveries go.
earlier_regions as (

    select
        deliveries.store_id,
        deliveries.store_region,
        row_number() over (
            partition by deliveries.store_id
            order by
                deliveries.updated_at desc,
                deliveries.loaded_at desc,
                {{ byte_order('deliveries.store_region') }} asc
        ) as newest_first
    from deliveries
    inner join latest on deliveries.store_id = latest.store_id
    where deliveries.store_region <> latest.store_region

),

final as (

    select
        latest.store_id,
        latest.store_name,
        latest.store_region,
        earlier_regions.store_region as previous_store_region,
        latest.country_code,
        latest.is_deleted,
        latest.opened_at,
        latest.updated_at,
        latest.loaded_at
    from latest
    left join earlier_regions
        on
            latest.store_id = earlier_regions.store_id
            and earlier_regions.newest_first = 1

)

select * from final
