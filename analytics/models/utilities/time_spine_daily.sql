with spine as (

    {{
        dbt.date_spine(
            datepart='day',
            start_date="cast('" ~ var('calendar_start_date') ~ "' as date)",
            end_date=dbt.dateadd('day', 1, "cast('" ~ var('calendar_end_date') ~ "' as date)")
        )
    }}

),

final as (

    select cast(date_day as date) as date_day
    from spine

)

select * from final
