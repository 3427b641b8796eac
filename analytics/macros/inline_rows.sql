{# Rows that dbt itself writes into a query, from a table's columns and types and each row's values as SQL. #}
{% macro inline_rows(columns, rows) -%}
    {{ return(adapter.dispatch('inline_rows')(columns, rows)) }}
{%- endmacro %}

{# The first select has no row: it gives the columns their names and types. #}
{% macro default__inline_rows(columns, rows) -%}
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from (select 1 as nothing) as nobody
    where 1 = 0
    {%- for row in rows %}
    union all
    select {{ row | join(', ') }}
    {%- endfor %}
{%- endmacro %}

{# To Spark each branch of a union is a task of its own, and a file where it is written: 500 took a minute, values take 2 s. #}
{% macro spark__inline_rows(columns, rows) -%}
    {%- if not rows -%}
        {{ default__inline_rows(columns, rows) }}
    {%- else -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name }} as {{ type }}) as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from values
        {%- for row in rows %}
        ({{ row | join(', ') }}){% if not loop.last %},{% endif %}
        {%- endfor %}
    as listed ({{ columns | join(', ') }})
    {%- endif -%}
{%- endmacro %}
