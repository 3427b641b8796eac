{% macro pivot(column_name, names, then_value=1, agg='count') -%}
    {%- for value, name in names.items() -%}
        {{ agg }}(case when {{ column_name }} = '{{ value | replace("'", "''") }}' then {{ then_value }} end) as {{ name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
