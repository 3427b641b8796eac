with days as (

    select * from {{ ref('time_spine_daily') }}

),

numbered as (

    select
        date_day,
        -- 1900-01-01 was a Monday
        mod({{ dbt.datediff("cast('1900-01-01' as date)", 'date_day', 'day') }}, 7) + 1 as day_of_week
    from days

),

final as (

    select
        -- ids
        date_day,

        -- numbers
        cast(extract(year from date_day) as {{ dbt.type_int() }}) as year_number,
        cast(extract(quarter from date_day) as {{ dbt.type_int() }}) as quarter_of_year,
        cast(extract(month from date_day) as {{ dbt.type_int() }}) as month_of_year,
        cast(extract(day from date_day) as {{ dbt.type_int() }}) as day_of_month,
        cast(day_of_week as {{ dbt.type_int() }}) as day_of_week,

        -- booleans
        day_of_week >= 6 as is_weekend,

        -- dates
        cast({{ dbt.dateadd('day', '1 - day_of_week', 'date_day') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start_date,
        cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start_date
    from numbered

)

select * from final
