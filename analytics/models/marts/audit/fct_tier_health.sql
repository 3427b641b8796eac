{{ config(materialized='view') }}

-- What to look at in the morning: one row a tier, as of now.
with models as (

    select * from {{ ref('fct_sla_compliance') }}

),

sources as (

    select * from {{ ref('fct_source_freshness') }}

),

runs as (

    select * from {{ ref('fct_pipeline_health') }}
    where started_at >= {{ dbt.dateadd('day', -30, as_of()) }}

),

kept as (

    select
        tier,
        count(*) as models,
        count(case when is_within_sla then 1 end) as models_within_sla
    from models
    group by tier

),

delivered as (

    select
        tier,
        count(*) as source_tables,
        count(case when is_fresh then 1 end) as fresh_source_tables
    from sources
    group by tier

),

ran as (

    select
        tier,
        sum(nodes_built) as nodes_built,
        sum(nodes_succeeded) as nodes_succeeded,
        sum(tests_run) as tests_run,
        sum(tests_passed) as tests_passed,
        sum(slow_nodes) as slow_nodes
    from runs
    group by tier

),

final as (

    select
        -- ids
        kept.tier,

        -- numbers
        cast(kept.models as {{ dbt.type_bigint() }}) as models,
        cast(kept.models_within_sla as {{ dbt.type_bigint() }}) as models_within_sla,
        cast(coalesce(delivered.source_tables, 0) as {{ dbt.type_bigint() }}) as source_tables,
        cast(coalesce(delivered.fresh_source_tables, 0) as {{ dbt.type_bigint() }}) as fresh_source_tables,
        cast(coalesce(ran.slow_nodes, 0) as {{ dbt.type_bigint() }}) as slow_nodes,
        {{ share_of('kept.models_within_sla', 'kept.models') }} as sla_compliance,
        {{ share_of('delivered.fresh_source_tables', 'delivered.source_tables') }} as freshness_compliance,
        {{ share_of('ran.nodes_succeeded', 'ran.nodes_built') }} as success_rate,
        {{ share_of('ran.tests_passed', 'ran.tests_run') }} as test_pass_rate
    from kept
    left join delivered on kept.tier = delivered.tier
    left join ran on kept.tier = ran.tier

)

select * from final
