{% macro initial_capital(column_name) -%}
    upper(substring({{ column_name }}, 1, 1)) || lower(substring({{ column_name }}, 2))
{%- endmacro %}
