{# Asked while a query runs, not when it was written: a view must notice that nothing has been built since. #}
{% macro as_of() -%}
    {%- set said = env_var('ANALYTICS_AS_OF', '') -%}
    {%- if said -%}
        cast('{{ said }}' as {{ dbt.type_timestamp() }})
    {%- else -%}
        {{ now_in_utc() }}
    {%- endif -%}
{%- endmacro %}

{% macro now_in_utc() -%}
    {{ return(adapter.dispatch('now_in_utc')()) }}
{%- endmacro %}

{% macro default__now_in_utc() -%}
    cast(current_timestamp at time zone 'UTC' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{% macro bigquery__now_in_utc() -%}
    current_timestamp()
{%- endmacro %}

{% macro snowflake__now_in_utc() -%}
    cast(convert_timezone('UTC', current_timestamp()) as {{ dbt.type_timestamp() }})
{%- endmacro %}

{% macro spark__now_in_utc() -%}
    to_utc_timestamp(current_timestamp(), current_timezone())
{%- endmacro %}
