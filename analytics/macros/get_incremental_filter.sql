{% macro get_incremental_filter(column_name, lookback_days=3, target_column=none) -%}
    {%- set newest = 'max(' ~ (target_column or column_name) ~ ')' -%}
    {%- if not is_incremental() -%}
        1 = 1
    {%- elif model.resource_type == 'unit_test' -%}
        {#- here {{ this }} is a fixture inside the query, and can't be asked before it #}
        {{ column_name }} >= (select {{ dbt.dateadd('day', -lookback_days, newest) }} from {{ this }})
    {%- else -%}
        {#- A literal, asked for beforehand: engines skip files and row groups by it, by a subquery they do not. #}
        {%- set watermark = dbt_utils.get_single_value(
            'select ' ~ dbt.dateadd('day', -lookback_days, newest) ~ ' from ' ~ this,
            default='1900-01-01 00:00:00'
        ) -%}
        {{ column_name }} >= cast('{{ watermark or '1900-01-01 00:00:00' }}' as {{ dbt.type_timestamp() }})
    {%- endif -%}
{%- endmacro %}
