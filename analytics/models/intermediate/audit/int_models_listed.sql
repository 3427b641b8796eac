{{ config(materialized='view') }}

-- Written by dbt itself, from the YAML of the models: a model that was never built is listed too. In order of ids, so
-- that the SQL is the same however dbt came to read the files.
-- noqa: disable=LT02
{%- set found = [] -%}
{%- for node in graph.nodes.values() | selectattr('package_name', 'eq', project_name) | sort(attribute='unique_id')
    if node.resource_type == 'model' -%}
    {%- do found.append([
        "'" ~ node.unique_id ~ "'",
        "'" ~ node.alias ~ "'",
        "'" ~ tier_of(node) ~ "'",
        "'" ~ owner_of(node) ~ "'",
        sla_hours_of(node) or 'null',
    ]) -%}
{%- endfor %}
-- noqa: enable=LT02
with listed as (

    {{ inline_rows({
        'node_id': dbt.type_string(),
        'model_name': dbt.type_string(),
        'tier': dbt.type_string(),
        'owner': dbt.type_string(),
        'sla_hours': dbt.type_int(),
    }, found) }}

),

final as (

    select * from listed

)

select * from final
