with versions as (

    select * from {{ ref('snap_orders__products') }}

),

numbered as (

    select
        *,
        row_number() over (partition by product_id order by dbt_valid_from, dbt_scd_id) as version_number
    from versions
    where dbt_is_deleted = 'False'

),

final as (

    select
        -- ids
        cast(dbt_scd_id as {{ dbt.type_string() }}) as product_history_key,
        product_id,

        -- strings
        product_category,

        -- numbers
        cast(version_number as {{ dbt.type_int() }}) as version_number,
        {{ cents_to_dollars('unit_price_cents') }} as unit_price,
        {{ cents_to_dollars('unit_cost_cents') }} as unit_cost,

        -- booleans
        is_active,
        dbt_valid_to is null as is_current,

        -- timestamps
        case
            when version_number = 1 then cast('1900-01-01' as {{ dbt.type_timestamp() }})
            else cast(dbt_valid_from as {{ dbt.type_timestamp() }})
        end as valid_from,
        coalesce(
            cast(dbt_valid_to as {{ dbt.type_timestamp() }}),
            cast('9999-12-31' as {{ dbt.type_timestamp() }})
        ) as valid_to
    from numbered

)

select * from final
