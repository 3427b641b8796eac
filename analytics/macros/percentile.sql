{# Between two values it is interpolated, but on BigQuery and Trino, whose aggregates take a value that is there. #}
{% macro percentile(column_name, share) -%}
    {{ return(adapter.dispatch('percentile')(column_name, share)) }}
{%- endmacro %}

{% macro default__percentile(column_name, share) -%}
    percentile_cont({{ share }}) within group (order by {{ column_name }})
{%- endmacro %}

{% macro spark__percentile(column_name, share) -%}
    percentile({{ column_name }}, {{ share }})
{%- endmacro %}

{% macro bigquery__percentile(column_name, share) -%}
    approx_quantiles({{ column_name }}, 1000)[safe_offset({{ (share * 1000) | int }})]
{%- endmacro %}

{% macro trino__percentile(column_name, share) -%}
    approx_percentile({{ column_name }}, {{ share }})
{%- endmacro %}
