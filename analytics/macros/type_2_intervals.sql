{#
    dbt dates a changed row by the source's clock, and one that vanished by its own: a row that comes back may start
    before its absence was seen. So a version ends where any later one begins, and what never was in force is left out.
#}
{% macro type_2_intervals(snapshot, key) -%}
    select
        *,
        row_number() over (partition by {{ key }} order by in_force_from) as version_number,
        in_force_to is null as is_current
    from (
        select
            *,
            dbt_valid_from as in_force_from,
            min(dbt_valid_from) over (
                partition by {{ key }}
                order by
                    case when dbt_valid_to is null then 1 else 0 end, dbt_valid_from, dbt_valid_to, dbt_scd_id
                rows between 1 following and unbounded following
            ) as in_force_to
        from {{ snapshot }}
        where dbt_valid_to is null or dbt_valid_to > dbt_valid_from
    ) as followed
    where in_force_to is null or in_force_to > in_force_from
{%- endmacro %}
