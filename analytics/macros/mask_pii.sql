{% macro mask_pii(column_name) -%}
    {%- if target.name in var('targets_with_clear_pii', ['prod']) -%}
        {{ column_name }}
    {%- else -%}
        case when {{ column_name }} is not null then {{ dbt.concat(["'masked-'", dbt.hash(column_name)]) }} end
    {%- endif -%}
{%- endmacro %}
