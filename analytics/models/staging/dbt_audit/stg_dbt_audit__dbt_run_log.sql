with source as (

    select * from {{ source('dbt_audit', 'dbt_run_log') }}

),

final as (

    select
        -- ids
        invocation_id,
        node_id,

        -- strings
        resource_type,
        status,
        tier,
        target_name,
        dbt_version,

        -- numbers
        execution_seconds,
        row_count,

        -- booleans
        status in ('success', 'pass', 'no-op') as is_successful,

        -- timestamps
        started_at
    from source

)

select * from final
