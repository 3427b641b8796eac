with
{% for source_table in delivered_tables() %}

{{ staging_name(source_table) }} as (

    select * from {{ ref(staging_name(source_table)) }}

),
{% endfor %}

dated as (

    {% for source_table in delivered_tables() %}
    select
        '{{ source_table }}' as source_table,
        max(loaded_at) as newest_loaded_at
    from {{ staging_name(source_table) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

final as (

    select
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        newest_loaded_at
    from dated

)

select * from final
