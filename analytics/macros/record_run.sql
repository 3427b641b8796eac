{# Every run leaves a row for each node that it ran in <schema>_audit.dbt_run_log: what, when, how long, how it ended. #}
{% macro run_log_relation() -%}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('audit', none) | trim,
        identifier='dbt_run_log'
    )) }}
{%- endmacro %}

{# A log that an older version of this project made lacks columns: they are added, and null in its rows. #}
{% macro create_run_log() -%}
    {%- set columns = {
        'node_id': dbt.type_string(),
        'resource_type': dbt.type_string(),
        'status': dbt.type_string(),
        'tier': dbt.type_string(),
        'execution_seconds': dbt.type_float(),
        'row_count': dbt.type_bigint(),
        'invocation_id': dbt.type_string(),
        'started_at': dbt.type_timestamp(),
        'target_name': dbt.type_string(),
        'dbt_version': dbt.type_string(),
    } -%}
    {%- set log = run_log_relation() -%}
    {%- if execute -%}
        {%- do adapter.create_schema(log.without_identifier()) -%}
        {%- set typed = [] -%}
        {%- for name, type in columns.items() -%}
            {%- do typed.append(name ~ ' ' ~ type) -%}
        {%- endfor -%}
        {%- do run_query('create table if not exists ' ~ log ~ ' (' ~ typed | join(', ') ~ ')') -%}
        {%- for name, type in columns.items() -%}
            {%- do run_query('alter table ' ~ log ~ ' add column if not exists ' ~ name ~ ' ' ~ type) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro record_run(results) -%}
    {%- set built = [] -%}
    {%- for result in results if result.node.resource_type in ('model', 'snapshot', 'seed', 'test', 'unit_test') -%}
        {%- do built.append(result) -%}
    {%- endfor -%}
    {%- if built -%}
    insert into {{ run_log_relation() }} (
        node_id, resource_type, status, tier, execution_seconds, row_count,
        invocation_id, started_at, target_name, dbt_version
    )
    {%- for result in built %}
    select
        '{{ result.node.unique_id }}',
        '{{ result.node.resource_type }}',
        '{{ result.status }}',
        '{{ tier_of(result.node) }}',
        {{ result.execution_time }},
        {%- if result.node.resource_type in ('model', 'snapshot', 'seed') and result.status == 'success'
            and result.node.config.materialized not in ('view', 'ephemeral') %}
        (select count(*) from {{ result.node.relation_name }}),
        {%- else %}
        cast(null as {{ dbt.type_bigint() }}),
        {%- endif %}
        {{ audit_columns() }}
        {%- if not loop.last %}
    union all
        {%- endif %}
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}
