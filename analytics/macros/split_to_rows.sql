{% macro split_to_rows(relation, column_name, delimiter, keep, alias, most_parts=50) -%}
    select
        {%- for name in keep %}
        listed.{{ name }},
        {%- endfor %}
        nullif(trim({{ part_of('listed.' ~ column_name, delimiter, 'parts.part_number') }}), '') as {{ alias }}
    from {{ relation }} as listed
    inner join (
        {%- for number in range(1, most_parts + 1) %}
        select {{ number }} as part_number{% if not loop.last %} union all{% endif %}
        {%- endfor %}
    ) as parts
        on parts.part_number <= length(listed.{{ column_name }}) - length(replace(listed.{{ column_name }}, '{{ delimiter }}', '')) + 1
{%- endmacro %}

{% macro part_of(expression, delimiter, number) -%}
    {{ return(adapter.dispatch('part_of')(expression, delimiter, number)) }}
{%- endmacro %}

{% macro default__part_of(expression, delimiter, number) -%}
    split_part({{ expression }}, '{{ delimiter }}', {{ number }})
{%- endmacro %}

{% macro bigquery__part_of(expression, delimiter, number) -%}
    split({{ expression }}, '{{ delimiter }}')[safe_ordinal({{ number }})]
{%- endmacro %}
