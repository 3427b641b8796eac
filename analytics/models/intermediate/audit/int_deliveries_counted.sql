with
{% for source_table in delivered_tables() %}

{{ staging_name(source_table) }} as (

    select * from {{ ref(staging_name(source_table)) }}

),
{% endfor %}

counted as (

    {% for source_table, key in delivered_tables().items() %}
    select
        '{{ source_table }}' as source_table,
        count(*) as delivered_row_count,
        count(case when reject_reason is null then {{ key }} end) as accepted_row_count,
        count(distinct case when reject_reason is null then {{ key }} end) as accepted_record_count
    from {{ staging_name(source_table) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

final as (

    select
        cast(source_table as {{ dbt.type_string() }}) as source_table,
        delivered_row_count,
        accepted_row_count,
        accepted_record_count
    from counted

)

select * from final
