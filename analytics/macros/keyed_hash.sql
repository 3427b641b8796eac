{#
    Salted inside and outside, in the manner of HMAC: without the salt nobody can hash a list of addresses and compare.
    The salt is doubled at its quotes, for it becomes a literal.
#}
{% macro keyed_hash(column_name, salt) -%}
    {%- set key = "'" ~ (salt | replace("'", "''")) ~ ":'" -%}
    {{ strong_hash(dbt.concat([key, strong_hash(dbt.concat([key, column_name]))])) }}
{%- endmacro %}

{% macro strong_hash(expression) -%}
    {{ return(adapter.dispatch('strong_hash')(expression)) }}
{%- endmacro %}

{# dbt's own hash, MD5 on most engines, where nothing better is said. #}
{% macro default__strong_hash(expression) -%}
    {{ dbt.hash(expression) }}
{%- endmacro %}

{% macro duckdb__strong_hash(expression) -%}
    sha256(cast({{ expression }} as {{ dbt.type_string() }}))
{%- endmacro %}
