{# Engines differ in where a null comes when nothing is said. #}
{% macro latest_version(relation, key, tie_breakers=[]) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by {{ (['updated_at desc', 'loaded_at desc'] + tie_breakers) | join(' nulls last, ') }} nulls last
            ) as version_number
        from {{ relation }}
    ) as numbered
    where version_number = 1
{%- endmacro %}
