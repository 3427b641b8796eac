-- Every accepted event is in exactly one session.
with events as (

    select count(*) as event_count
    from {{ ref('int_web_events_deduplicated') }}

),

sessions as (

    select sum(event_count) as event_count
    from {{ ref('fct_web_sessions') }}

)

select
    events.event_count,
    sessions.event_count as event_count_of_sessions
from events
cross join sessions
where events.event_count <> coalesce(sessions.event_count, 0)
