{% macro audit_columns() -%}
    '{{ invocation_id }}' as invocation_id,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as {{ dbt.type_timestamp() }}) as started_at,
        '{{ target.name }}' as target_name,
        '{{ dbt_version }}' as dbt_version
{%- endmacro %}
