{# Nothing over nothing is null. #}
{% macro share_of(part, whole) -%}
    {{ return(quotient(part, whole)) }}
{%- endmacro %}
