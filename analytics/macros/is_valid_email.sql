{# `like` alone, because regular expressions differ between engines. #}
{% macro is_valid_email(column_name) -%}
    (
        {{ column_name }} like '_%@_%._%'
        and {{ column_name }} not like '%@%@%'
        and {{ column_name }} not like '% %'
        and {{ column_name }} not like '%..%'
    )
{%- endmacro %}
