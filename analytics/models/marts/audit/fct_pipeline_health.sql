{{ config(materialized='view') }}

-- A view, so that it knows the run that has just ended.
with runs as (

    select * from {{ ref('stg_dbt_audit__dbt_run_log') }}

),

-- What is usual is what earlier runs took that ended well.
compared as (

    select
        *,
        avg(case when is_successful then execution_seconds end) over (
            partition by node_id
            order by started_at, invocation_id
            rows between unbounded preceding and 1 preceding
        ) as usual_seconds
    from runs

),

judged as (

    select
        *,
        -- past one and a half times the norm, and by more than a second: below that it is noise
        resource_type in ('model', 'snapshot', 'seed')
        and execution_seconds > 1.5 * usual_seconds
        and execution_seconds > usual_seconds + 1 as is_slow
    from compared

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
        {{ share_of(
            "count(case when resource_type in ('model', 'snapshot', 'seed') and is_successful then 1 end)",
            "count(case when resource_type in ('model', 'snapshot', 'seed') then 1 end)"
        ) }} as success_rate,
        {{ share_of(
            "count(case when resource_type in ('test', 'unit_test') and is_successful then 1 end)",
            "count(case when resource_type in ('test', 'unit_test') then 1 end)"
        ) }} as test_pass_rate,

        -- timestamps
        started_at
    from judged
    group by invocation_id, tier, started_at

)

select * from final
