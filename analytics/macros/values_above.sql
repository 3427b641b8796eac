{% macro values_above(relation, column_name, threshold, measure='count(*)') -%}
    select
        {{ column_name }},
        {{ measure }} as measured
    from {{ relation }}
    group by {{ column_name }}
    having {{ measure }} > {{ threshold }}
{%- endmacro %}
