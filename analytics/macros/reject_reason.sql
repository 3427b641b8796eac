{% macro reject_reason(rules) -%}
    case
        {%- for reason, broken_when in rules.items() %}
        when {{ broken_when }} then '{{ reason }}'
        {%- endfor %}
    end
{%- endmacro %}
