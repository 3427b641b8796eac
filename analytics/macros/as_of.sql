{% macro as_of() -%}
    {%- set said = env_var('ANALYTICS_AS_OF', '') or run_started_at.strftime('%Y-%m-%d %H:%M:%S') -%}
    cast('{{ said }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}
