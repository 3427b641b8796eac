{{ config(materialized='view') }}

-- A view, so that it knows the run that has just ended.
with runs as (

    select * from {{ ref('stg_dbt_audit__dbt_run_log') }}

),

norms as (

    select
        node_id,
        avg(execution_seconds) as usual_seconds,
        count(*) as earlier_runs
    from runs
    where resource_type in ('model', 'snapshot', 'seed')
    group by node_id

),

judged as (

    select
        runs.*,
        -- past one and a half times the norm, and by more than a second: below that it is noise
        runs.execution_seconds > 1.5 * norms.usual_seconds
        and runs.execution_seconds > norms.usual_seconds + 1 as is_slow
    from runs
    left join norms on runs.node_id = norms.node_id

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['invocation_id', 'tier']) }} as run_tier_key,
        invocation_id,

        -- strings
        tier,

        -- numbers
        count(case when resource_type in ('model', 'snapshot', 'seed') then 1 end) as nodes_built,
        count(case when resource_type in ('model', 'snapshot', 'seed') and is_successful then 1 end) as nodes_succeeded,
        count(case when resource_type in ('test', 'unit_test') then 1 end) as tests_run,
        count(case when resource_type in ('test', 'unit_test') and is_successful then 1 end) as tests_passed,
        count(case when is_slow then 1 end) as slow_nodes,
        cast(sum(execution_seconds) as numeric(18, 3)) as execution_seconds,
        cast(
            cast(count(case when resource_type in ('model', 'snapshot', 'seed') and is_successful then 1 end) as numeric(18, 6))
            / nullif(count(case when resource_type in ('model', 'snapshot', 'seed') then 1 end), 0) as numeric(18, 6)
        ) as success_rate,
        cast(
            cast(count(case when resource_type in ('test', 'unit_test') and is_successful then 1 end) as numeric(18, 6))
            / nullif(count(case when resource_type in ('test', 'unit_test') then 1 end), 0) as numeric(18, 6)
        ) as test_pass_rate,

        -- timestamps
        started_at
    from judged
    group by invocation_id, tier, started_at

)

select * from final
