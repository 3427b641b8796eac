with groups as (

    select * from {{ ref('int_groups_deduplicated') }}
    where not is_deleted

),

split as (

    {{ split_to_rows('groups', 'agent_ids', ';', ['group_id', 'group_name'], 'agent_id') }}

),

-- People type the lists: blanks, empty names, one name twice. An agent of two teams counts for the first.
ranked as (

    select
        agent_id,
        group_id,
        group_name,
        row_number() over (partition by agent_id order by {{ byte_order('group_id') }}) as team_number
    from split
    where agent_id is not null

),

final as (

    select
        agent_id,
        group_id,
        group_name
    from ranked
    where team_number = 1

)

select * from final
