{% test row_count_anomaly(model, column_name, tolerance=0.2, trailing_days=14, enough_rows=30) %}
-- One row where the last full day's rows differ from the mean of the days before by more than the tolerance.
-- The newest day in the table may be half delivered: the one before it is the last full one.
-- Where a day has few rows by nature, chance alone exceeds any tolerance: then it says nothing.
with daily as (

    select
        cast({{ column_name }} as date) as day,
        count(*) as row_count
    from {{ model }}
    group by 1

),

newest as (

    select cast({{ dbt.dateadd('day', -1, 'max(day)') }} as date) as day
    from daily

),

compared as (

    select
        max(case when daily.day = newest.day then daily.row_count end) as newest_count,
        avg(case when daily.day < newest.day then daily.row_count end) as trailing_mean
    from daily
    cross join newest
    where
        daily.day >= {{ dbt.dateadd('day', -trailing_days, 'newest.day') }}
        and daily.day <= newest.day

)

select *
from compared
where
    trailing_mean >= {{ enough_rows }}
    and abs(newest_count - trailing_mean) > {{ tolerance }} * trailing_mean
{% endtest %}
