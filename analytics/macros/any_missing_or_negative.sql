{% macro any_missing_or_negative(column_names) -%}
    {%- for column_name in column_names -%}
        {{ column_name }} is null or {{ column_name }} < 0
        {%- if not loop.last %} or {% endif -%}
    {%- endfor -%}
{%- endmacro %}
