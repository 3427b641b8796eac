{% macro in_storage_order(column_name) -%}
    {{ return(adapter.dispatch('in_storage_order')(column_name)) }}
{%- endmacro %}

{# Engines with clustering or partitions of their own are told by configuration. #}
{% macro default__in_storage_order(column_name) -%}
{%- endmacro %}

{% macro duckdb__in_storage_order(column_name) -%}
    order by {{ column_name }}
{%- endmacro %}
