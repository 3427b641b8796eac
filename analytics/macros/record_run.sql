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
        {%- set held = adapter.get_relation(log.database, log.schema, log.identifier) -%}
        {%- set there = adapter.get_columns_in_relation(held) | map(attribute='name') | map('lower') | list if held else [] -%}
        {%- set lacking = [] -%}
        {%- for name, type in columns.items() if name not in there -%}
            {%- do lacking.append(name ~ ' ' ~ type) -%}
        {%- endfor -%}
        {%- if lacking -%}
            {#- making a schema commits what was read, and each statement after it commits itself #}
            {%- do adapter.create_schema(log.without_identifier()) -%}
            {%- if not held -%}
                {%- do run_query(table_of_columns(log, lacking)) -%}
            {%- endif -%}
            {%- for column in lacking if held -%}
                {%- do run_query(add_column_to(log, column)) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro table_of_columns(relation, columns) -%}
    {{ return(adapter.dispatch('table_of_columns')(relation, columns)) }}
{%- endmacro %}

{% macro default__table_of_columns(relation, columns) -%}
    create table {{ relation }} ({{ columns | join(', ') }})
{%- endmacro %}

{% macro add_column_to(relation, column) -%}
    {{ return(adapter.dispatch('add_column_to')(relation, column)) }}
{%- endmacro %}

{% macro default__add_column_to(relation, column) -%}
    alter table {{ relation }} add column {{ column }}
{%- endmacro %}

{% macro record_run(results) -%}
    {%- set rows = [] -%}
    {%- set counts = [] -%}
    {%- for result in results if result.node.resource_type in ('model', 'snapshot', 'seed', 'test', 'unit_test') -%}
        {%- set node = result.node -%}
        {%- do rows.append([
            "'" ~ node.unique_id ~ "'",
            "'" ~ node.resource_type ~ "'",
            "'" ~ result.status ~ "'",
            "'" ~ tier_of(node) ~ "'",
            result.execution_time,
        ]) -%}
        {%- if node.resource_type in ('model', 'snapshot', 'seed') and result.status == 'success'
            and node.config.materialized not in ('view', 'ephemeral') -%}
            {%- do counts.append("select '" ~ node.unique_id ~ "', count(*) from " ~ node.relation_name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rows -%}
    insert into {{ run_log_relation() }} (
        node_id, resource_type, status, tier, execution_seconds, row_count,
        invocation_id, started_at, target_name, dbt_version
    )
    select
        ran.node_id,
        ran.resource_type,
        ran.status,
        ran.tier,
        ran.execution_seconds,
        counted.row_count,
        {{ audit_columns() }}
    from (
    {{ inline_rows({
        'node_id': dbt.type_string(),
        'resource_type': dbt.type_string(),
        'status': dbt.type_string(),
        'tier': dbt.type_string(),
        'execution_seconds': dbt.type_float(),
    }, rows) }}
    ) as ran
    left join (
    {{ inline_rows({'node_id': dbt.type_string(), 'row_count': dbt.type_bigint()}, []) }}
    {%- for count in counts %}
    union all
    {{ count }}
    {%- endfor %}
    ) as counted on ran.node_id = counted.node_id
    {%- endif -%}
{%- endmacro %}
