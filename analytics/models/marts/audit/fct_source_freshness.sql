{{ config(materialized='view') }}

-- A view, so that it knows what time it is when it is read.
with sources as (

    select * from {{ ref('int_sources_listed') }}
    where allowed_hours is not null

),

deliveries as (

    select * from {{ ref('int_loads_dated') }}

),

final as (

    select
        -- ids
        sources.source_table,

        -- strings
        sources.tier,
        sources.owner,

        -- numbers
        cast({{ dbt.datediff('deliveries.newest_loaded_at', as_of(), 'hour') }} as {{ dbt.type_int() }}) as age_hours,
        sources.allowed_hours,

        -- booleans: what was never delivered is not fresh
        coalesce(
            {{ dbt.datediff('deliveries.newest_loaded_at', as_of(), 'hour') }} <= sources.allowed_hours, false
        ) as is_fresh,

        -- timestamps
        deliveries.newest_loaded_at
    from sources
    left join deliveries on sources.source_table = deliveries.source_table

)

select * from final
