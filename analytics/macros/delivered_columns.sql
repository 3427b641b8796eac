{# A query of the names of all columns that a source table delivers, in any of its files. #}
{% macro delivered_columns(source_node) -%}
    {{ return(adapter.dispatch('delivered_columns')(source_node)) }}
{%- endmacro %}

{% macro default__delivered_columns(source_node) -%}
    {%- set relation = api.Relation.create(
        database=source_node.database, schema=source_node.schema, identifier=source_node.identifier
    ) -%}
    {%- set names = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do names.append(["'" ~ column.name | lower ~ "'"]) -%}
    {%- endfor -%}
    {{ inline_rows({'column_name': dbt.type_string()}, names) }}
{%- endmacro %}

{# DuckDB takes a table's columns from its first file; asked to unite files by name, it reads the footer of each. #}
{% macro duckdb__delivered_columns(source_node) -%}
    {%- set location = (source_node.config.get('meta') or {}).get('external_location') -%}
    {%- if location and location.endswith('.parquet') -%}
        {%- set files = location | replace('{name}', source_node.identifier) | replace("'", "''") -%}
        select lower(column_name) as column_name
        from (describe select * from read_parquet('{{ files }}', union_by_name = true))
    {%- elif location -%}
        select lower(column_name) as column_name
        from (describe select * from {{ location | replace('{name}', source_node.identifier) }})
    {%- else -%}
        select lower(column_name) as column_name
        from (describe select * from {{ source_node.relation_name }})
    {%- endif -%}
{%- endmacro %}
