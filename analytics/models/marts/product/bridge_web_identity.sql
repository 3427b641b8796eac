with identities as (

    select * from {{ ref('int_identities_stitched') }}

),

final as (

    select
        -- ids
        anonymous_id,
        customer_id,

        -- booleans
        customer_id is not null as is_known,

        -- timestamps
        first_seen_at,
        last_seen_at
    from identities

)

select * from final
