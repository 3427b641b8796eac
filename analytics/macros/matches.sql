{# Engines read a backslash in a literal as they like, so a pattern does without: [0-9] for a digit, [.] for a dot. #}
{% macro matches(column_name, pattern) -%}
    {%- if '\\' in pattern or "'" in pattern -%}
        {{ exceptions.raise_compiler_error("matches: write " ~ pattern ~ " without backslash and quote, as in [0-9] and [.]") }}
    {%- endif -%}
    {{ return(adapter.dispatch('matches')(column_name, pattern)) }}
{%- endmacro %}

{% macro default__matches(column_name, pattern) -%}
    regexp_like({{ column_name }}, '{{ pattern }}')
{%- endmacro %}

{% macro duckdb__matches(column_name, pattern) -%}
    regexp_matches({{ column_name }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__matches(column_name, pattern) -%}
    ({{ column_name }} ~ '{{ pattern }}')
{%- endmacro %}

{# Snowflake's regexp_like wants the pattern to cover the whole text. #}
{% macro snowflake__matches(column_name, pattern) -%}
    (regexp_instr({{ column_name }}, '{{ pattern }}') > 0)
{%- endmacro %}

{% macro bigquery__matches(column_name, pattern) -%}
    regexp_contains({{ column_name }}, '{{ pattern }}')
{%- endmacro %}
