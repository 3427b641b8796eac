{{ config(materialized='view') }}

-- A view, so that it knows what time it is.
with deliveries as (

    select * from {{ ref('int_loads_dated') }}

),

final as (

    select
        -- ids
        source_table,

        -- numbers
        cast({{ dbt.datediff('newest_loaded_at', as_of(), 'hour') }} as {{ dbt.type_int() }}) as age_hours,
        cast(allowed_hours as {{ dbt.type_int() }}) as allowed_hours,

        -- booleans
        {{ dbt.datediff('newest_loaded_at', as_of(), 'hour') }} <= allowed_hours as is_fresh,

        -- timestamps
        newest_loaded_at
    from deliveries

)

select * from final
