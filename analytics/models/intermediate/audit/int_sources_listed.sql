{{ config(materialized='view') }}

-- Written by dbt itself, from the YAML of the sources.
with listed as (

    select
        cast(null as {{ dbt.type_string() }}) as source_table,
        cast(null as {{ dbt.type_string() }}) as tier,
        cast(null as {{ dbt.type_string() }}) as owner,
        cast(null as {{ dbt.type_int() }}) as allowed_hours
    where 1 = 0
    {%- for node in graph.sources.values() if node.package_name == project_name %}

    union all

    select
        '{{ node.source_name }}.{{ node.name }}',
        '{{ tier_of(node) }}',
        '{{ owner_of(node) }}',
        {{ allowed_hours_of(node) or 'null' }}
    {%- endfor %}

),

final as (

    select * from listed

)

select * from final
