{# The first column of the first row of a query, or the default where there is no row. #}
{% macro get_single_value(query, default=none) -%}
    {%- if not execute -%}
        {{ return(default) }}
    {%- endif -%}
    {%- set answer = run_query(query) -%}
    {{ return(answer.columns[0].values()[0] if answer.rows else default) }}
{%- endmacro %}
