{% macro get_incremental_filter(column_name, lookback_days=3, target_column=none) -%}
    {%- if is_incremental() -%}
        {%- set newest = 'max(' ~ (target_column or column_name) ~ ')' -%}
        {{ column_name }} >= (
            select coalesce(
                {{ dbt.dateadd('day', -lookback_days, newest) }},
                cast('1900-01-01' as {{ dbt.type_timestamp() }})
            )
            from {{ this }}
        )
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}
