with scores as (

    select * from {{ ref('int_total_scores_deduplicated') }}

),

agents as (

    select * from {{ ref('dim_agent') }}

),

final as (

    select
        -- ids
        scores.conversation_id,
        agents.agent_key,
        scores.customer_id,

        -- strings
        scores.rubric_name,
        agents.team_name,
        agents.country_code,

        -- numbers
        scores.total_score,
        scores.max_score,
        {{ share_of('scores.total_score', 'scores.max_score') }} as score_share,

        -- booleans
        scores.total_score * 100 >= scores.max_score * 80 as is_passed,

        -- dates and timestamps
        cast(scores.graded_at as date) as graded_date,
        scores.graded_at,
        scores.updated_at
    from scores
    inner join agents on scores.agent_id = agents.agent_id
    where not scores.is_deleted

)

select * from final
