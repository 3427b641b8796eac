with versions as (

    select * from {{ ref('snap_crm__customers') }}

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by dbt_valid_from, dbt_scd_id) as version_number
    from versions
    where dbt_is_deleted = 'False'

),

deletions as (

    select
        customer_id,
        min(dbt_valid_from) as deleted_at
    from versions
    where dbt_is_deleted = 'True'
    group by customer_id

),

final as (

    select
        -- ids
        cast(numbered.dbt_scd_id as {{ dbt.type_string() }}) as customer_history_key,
        numbered.customer_id,
        numbered.account_id,

        -- strings
        numbered.country_code,

        -- numbers
        cast(numbered.version_number as {{ dbt.type_int() }}) as version_number,

        -- booleans
        numbered.is_active,
        numbered.dbt_valid_to is null as is_current,
        deletions.deleted_at is not null as is_deleted,

        -- timestamps: what was true before history was kept is what was true when it began
        case
            when numbered.version_number = 1 then cast('1900-01-01' as {{ dbt.type_timestamp() }})
            else cast(numbered.dbt_valid_from as {{ dbt.type_timestamp() }})
        end as valid_from,
        coalesce(
            cast(numbered.dbt_valid_to as {{ dbt.type_timestamp() }}),
            cast('9999-12-31' as {{ dbt.type_timestamp() }})
        ) as valid_to
    from numbered
    left join deletions on numbered.customer_id = deletions.customer_id

)

select * from final
