with versions as (

    select * from {{ ref('snap_orders__products') }}

),

dated as (

    {{ type_2_intervals('versions', 'product_id') }}

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

        -- booleans: deleted by a flag of the source, or gone from it without a word
        is_active,
        is_current,
        is_deleted or dbt_is_deleted = 'True' as is_deleted,

        -- timestamps: what was true before history was kept is what was true when it began
        case
            when version_number = 1 then cast('1900-01-01' as {{ dbt.type_timestamp() }})
            else cast(in_force_from as {{ dbt.type_timestamp() }})
        end as valid_from,
        coalesce(
            cast(in_force_to as {{ dbt.type_timestamp() }}),
            cast('9999-12-31' as {{ dbt.type_timestamp() }})
        ) as valid_to
    from dated

)

select * from final
