with stores as (

    select * from {{ ref('int_stores_deduplicated') }}

),

final as (

    select
        -- ids
        store_id,

        -- strings
        store_name,
        store_region,
        previous_store_region,
        country_code,

        -- booleans
        store_region = 'Online' as is_online,
        is_deleted,

        -- dates and timestamps
        cast(opened_at as date) as opened_date,
        updated_at
    from stores

)

-- In one order, so that who joins this finds rows in the same order every time.
select * from final
{{ in_storage_order('store_id') }}
