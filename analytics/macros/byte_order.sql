{# Most engines compare the bytes of a text, Postgres the letters by the rules of some language: another order a database. #}
{% macro byte_order(column_name) -%}
    {{ return(adapter.dispatch('byte_order')(column_name)) }}
{%- endmacro %}

{% macro default__byte_order(column_name) -%}
    {{ return(column_name) }}
{%- endmacro %}

{% macro postgres__byte_order(column_name) -%}
    {{ return(column_name ~ ' collate "C"') }}
{%- endmacro %}

{# Redshift's adapter is a child of Postgres', and Redshift compares bytes. #}
{% macro redshift__byte_order(column_name) -%}
    {{ return(column_name) }}
{%- endmacro %}
