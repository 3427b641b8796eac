{#
    Rounded half away from zero, exactly. Decimals are divided as they are, where the engine can: a quotient that went
    through floating point is a cent off now and then, and another cent on another engine.
#}
{% macro quotient(dividend, divisor, decimals=6) -%}
    {{ return(adapter.dispatch('quotient')(dividend, divisor, decimals)) }}
{%- endmacro %}

{% macro default__quotient(dividend, divisor, decimals) -%}
    cast(
        cast({{ dividend }} as numeric(18, 6)) / nullif(cast({{ divisor }} as numeric(18, 6)), 0)
        as numeric(18, {{ decimals }})
    )
{%- endmacro %}

{# DuckDB divides decimals as doubles, so here whole millionths are divided, with half of the divisor added before. #}
{% macro duckdb__quotient(dividend, divisor, decimals) -%}
    {%- set above = 'cast(cast(' ~ dividend ~ ' as numeric(28, 6)) * 1000000 as hugeint)' -%}
    {%- set below = 'nullif(cast(cast(' ~ divisor ~ ' as numeric(28, 6)) * 1000000 as hugeint), 0)' -%}
    cast(
        cast(
            ({{ above }} * {{ 2 * 10 ** decimals }} + sign({{ above }}) * abs({{ below }})) // (2 * {{ below }})
            as numeric(18, 0)
        ) * cast({{ '0.' ~ '0' * (decimals - 1) ~ '1' }} as numeric({{ decimals + 1 }}, {{ decimals }}))
        as numeric(18, {{ decimals }})
    )
{%- endmacro %}

{% macro bigquery__quotient(dividend, divisor, decimals) -%}
    round(safe_divide(cast({{ dividend }} as numeric), cast({{ divisor }} as numeric)), {{ decimals }})
{%- endmacro %}
