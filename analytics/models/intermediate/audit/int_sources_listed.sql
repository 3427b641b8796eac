{{ config(materialized='view') }}

-- Written by dbt itself, from the YAML of the sources, in order of ids.
-- noqa: disable=LT02
{%- set found = [] -%}
{%- for node in graph.sources.values() | sort(attribute='unique_id') if node.package_name == project_name -%}
    {%- do found.append([
        "'" ~ node.source_name ~ '.' ~ node.name ~ "'",
        "'" ~ tier_of(node) ~ "'",
        "'" ~ owner_of(node) ~ "'",
        allowed_hours_of(node) or 'null',
    ]) -%}
{%- endfor %}
-- noqa: enable=LT02
with listed as (

    {{ inline_rows({
        'source_table': dbt.type_string(),
        'tier': dbt.type_string(),
        'owner': dbt.type_string(),
        'allowed_hours': dbt.type_int(),
    }, found) }}

),

final as (

    select * from listed

)

select * from final
