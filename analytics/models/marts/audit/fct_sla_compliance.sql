{{ config(materialized='view') }}

-- A view, so that it notices that nothing has been built since.
with models as (

    select * from {{ ref('int_models_listed') }}

),

runs as (

    select * from {{ ref('stg_dbt_audit__dbt_run_log') }}

),

built as (

    select
        node_id,
        max(started_at) as last_succeeded_at
    from runs
    where resource_type = 'model' and is_successful
    group by node_id

),

final as (

    select
        -- ids
        models.node_id,

        -- strings
        models.model_name,
        models.tier,
        models.owner,

        -- numbers
        cast({{ dbt.datediff('built.last_succeeded_at', as_of(), 'hour') }} as {{ dbt.type_int() }}) as age_hours,
        models.sla_hours,

        -- booleans: what was never built keeps no promise
        coalesce(
            {{ dbt.datediff('built.last_succeeded_at', as_of(), 'hour') }} <= models.sla_hours, false
        ) as is_within_sla,

        -- timestamps
        built.last_succeeded_at
    from models
    left join built on models.node_id = built.node_id

)

select * from final
