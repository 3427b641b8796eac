{% macro json_text(column_name, key) -%}
    {{ return(adapter.dispatch('json_text')(column_name, key)) }}
{%- endmacro %}

{% macro default__json_text(column_name, key) -%}
    json_extract_path_text({{ column_name }}, '{{ key }}')
{%- endmacro %}

{% macro duckdb__json_text(column_name, key) -%}
    json_extract_string({{ column_name }}, '$."{{ key }}"')
{%- endmacro %}

{% macro postgres__json_text(column_name, key) -%}
    (cast({{ column_name }} as jsonb) ->> '{{ key }}')
{%- endmacro %}

{% macro redshift__json_text(column_name, key) -%}
    json_extract_path_text({{ column_name }}, '{{ key }}', true)
{%- endmacro %}

{% macro spark__json_text(column_name, key) -%}
    get_json_object({{ column_name }}, '$.{{ key }}')
{%- endmacro %}

{% macro bigquery__json_text(column_name, key) -%}
    json_value({{ column_name }}, '$.{{ key }}')
{%- endmacro %}

{% macro trino__json_text(column_name, key) -%}
    json_extract_scalar({{ column_name }}, '$.{{ key }}')
{%- endmacro %}
