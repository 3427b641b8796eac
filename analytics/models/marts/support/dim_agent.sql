with agents as (

    select * from {{ ref('int_agents_split') }}

),

scores as (

    select * from {{ ref('int_total_scores_deduplicated') }}

),

countries as (

    select * from {{ ref('team_countries') }}

),

-- Whoever graded conversations name is an agent, in a team or not.
agent_ids as (

    select agent_id from agents
    union distinct
    select agent_id from scores

),

final as (

    select
        -- ids
        {{ dbt_utils.generate_surrogate_key(['agent_ids.agent_id']) }} as agent_key,
        agent_ids.agent_id,
        agents.group_id,

        -- strings
        coalesce(agents.group_name, 'No team') as team_name,
        coalesce(countries.country_code, 'ZZ') as country_code
    from agent_ids
    left join agents on agent_ids.agent_id = agents.agent_id
    left join countries on agents.group_name = countries.team_name

)

select * from final
