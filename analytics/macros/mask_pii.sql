{% macro mask_pii(column_name) -%}
    {%- if target.name in var('targets_with_clear_pii', ['prod']) -%}
        {{ column_name }}
    {%- else -%}
        case when {{ column_name }} is not null then {{ dbt.concat(["'masked-'", keyed_hash(column_name, pii_salt())]) }} end
    {%- endif -%}
{%- endmacro %}
