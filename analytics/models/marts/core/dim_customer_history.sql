with versions as (

    select * from {{ ref('snap_crm__customers') }}

),

dated as (

    {{ type_2_intervals('versions', 'customer_id') }}

),

final as (

    select
        -- ids
        cast(dbt_scd_id as {{ dbt.type_string() }}) as customer_history_key,
        customer_id,
        account_id,

        -- strings
        country_code,

        -- numbers
        cast(version_number as {{ dbt.type_int() }}) as version_number,

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
