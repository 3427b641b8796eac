{% macro cents_to_dollars(column_name) -%}
    {{ return(adapter.dispatch('cents_to_dollars')(column_name)) }}
{%- endmacro %}

{# A product of decimals stays exact; dividing would go through floating point on several engines. #}
{% macro default__cents_to_dollars(column_name) -%}
    cast(cast({{ column_name }} as numeric(18, 0)) * 0.01 as {{ type_money() }})
{%- endmacro %}

{% macro bigquery__cents_to_dollars(column_name) -%}
    cast(cast({{ column_name }} as numeric) * numeric '0.01' as numeric)
{%- endmacro %}
