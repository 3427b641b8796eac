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

{# SHA-256 in hexadecimal digits, the same on every engine: so that masked values still join after a move. #}
{% macro default__strong_hash(expression) -%}
    sha2(cast({{ expression }} as {{ dbt.type_string() }}), 256)
{%- endmacro %}

{% macro duckdb__strong_hash(expression) -%}
    sha256(cast({{ expression }} as {{ dbt.type_string() }}))
{%- endmacro %}

{% macro postgres__strong_hash(expression) -%}
    encode(sha256(convert_to(cast({{ expression }} as {{ dbt.type_string() }}), 'UTF8')), 'hex')
{%- endmacro %}

{% macro redshift__strong_hash(expression) -%}
    sha2(cast({{ expression }} as {{ dbt.type_string() }}), 256)
{%- endmacro %}

{% macro bigquery__strong_hash(expression) -%}
    to_hex(sha256(cast({{ expression }} as {{ dbt.type_string() }})))
{%- endmacro %}

{% macro trino__strong_hash(expression) -%}
    lower(to_hex(sha256(to_utf8(cast({{ expression }} as {{ dbt.type_string() }})))))
{%- endmacro %}
