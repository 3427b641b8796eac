{# Every run leaves a row for each node that it ran in <schema>_audit.dbt_run_log: what, when, how long, how it ended. #}
{% macro run_log_relation() -%}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('audit', none) | trim,
        identifier='dbt_run_log'
    )) }}
{%- endmacro %}

{% macro create_run_log() -%}
    {%- set log = run_log_relation() -%}
    {%- do adapter.create_schema(log.without_identifier()) -%}
    create table if not exists {{ log }} (
        invocation_id {{ dbt.type_string() }},
        node_id {{ dbt.type_string() }},
        resource_type {{ dbt.type_string() }},
        status {{ dbt.type_string() }},
        tier {{ dbt.type_string() }},
        started_at {{ dbt.type_timestamp() }},
        execution_seconds {{ dbt.type_float() }},
        row_count {{ dbt.type_bigint() }}
    )
{%- endmacro %}

{% macro record_run(results) -%}
    {%- set built = [] -%}
    {%- for result in results if result.node.resource_type in ('model', 'snapshot', 'seed', 'test', 'unit_test') -%}
        {%- do built.append(result) -%}
    {%- endfor -%}
    {%- if built -%}
    insert into {{ run_log_relation() }}
    {%- for result in built %}
    select
        '{{ invocation_id }}',
        '{{ result.node.unique_id }}',
        '{{ result.node.resource_type }}',
        '{{ result.status }}',
        '{{ tier_of(result.node) }}',
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as {{ dbt.type_timestamp() }}),
        {{ result.execution_time }},
        {%- if result.node.resource_type in ('model', 'snapshot', 'seed') and result.status == 'success'
            and result.node.config.materialized not in ('view', 'ephemeral') %}
        (select count(*) from {{ result.node.relation_name }})
        {%- else %}
        cast(null as {{ dbt.type_bigint() }})
        {%- endif %}
        {%- if not loop.last %}
    union all
        {%- endif %}
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}


{% macro tier_of(node) -%}
    {%- set owner = graph.nodes.get(node.attached_node, node) if node.resource_type == 'test' else node -%}
    {{ return((owner.config.get('meta') or {}).get('tier', 'none')) }}
{%- endmacro %}
