{{ config(materialized='view') }}

-- Written by dbt itself, from the YAML of the models: a model that was never built is listed too.
with listed as (

    select
        cast(null as {{ dbt.type_string() }}) as node_id,
        cast(null as {{ dbt.type_string() }}) as model_name,
        cast(null as {{ dbt.type_string() }}) as tier,
        cast(null as {{ dbt.type_string() }}) as owner,
        cast(null as {{ dbt.type_int() }}) as sla_hours
    where 1 = 0
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == project_name %}

    union all

    select
        '{{ node.unique_id }}',
        '{{ node.alias }}',
        '{{ tier_of(node) }}',
        '{{ owner_of(node) }}',
        {{ sla_hours_of(node) or 'null' }}
    {%- endfor %}

),

final as (

    select * from listed

)

select * from final
