{% macro rejected_rows(relation, source_table, key) -%}
    select
        '{{ source_table }}' as source_table,
        cast({{ key }} as {{ dbt.type_string() }}) as record_id,
        reject_reason,
        updated_at,
        loaded_at
    from {{ relation }}
{%- endmacro %}
