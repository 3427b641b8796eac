{{ config(severity='warn') }}

-- A column that a source began to deliver, in any file, is told here: nothing reads it, so nothing else would. One that
-- it ceased to deliver, in all files, is told too. The data built so far is right, hence a warning.
-- noqa: disable=LT02
{%- set described = [] -%}
{%- set delivered = [] -%}
{%- if execute -%}
    {%- for node in graph.sources.values() if node.package_name == project_name -%}
        {%- set table = node.source_name ~ '.' ~ node.name -%}
        {%- set found = delivered_columns(node) -%}
        {%- do delivered.append("select '" ~ table ~ "' as source_table, column_name from (" ~ found ~ ") as found") -%}
        {%- for name in node.columns -%}
            {%- do described.append(["'" ~ table ~ "'", "'" ~ name | lower ~ "'"]) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif %}
-- noqa: enable=LT02
with delivered as (

    {{ inline_rows({'source_table': dbt.type_string(), 'column_name': dbt.type_string()}, []) }}
    {%- for query in delivered %}

    union all

    {{ query }}
    {%- endfor %}

),

described as (

    {{ inline_rows({'source_table': dbt.type_string(), 'column_name': dbt.type_string()}, described) }}

)

select
    coalesce(delivered.source_table, described.source_table) as source_table,
    coalesce(delivered.column_name, described.column_name) as column_name,
    case when described.column_name is null then 'delivered, not described' else 'described, not delivered' end as what
from delivered
full outer join described
    on
        delivered.source_table = described.source_table
        and delivered.column_name = described.column_name
where delivered.column_name is null or described.column_name is null
