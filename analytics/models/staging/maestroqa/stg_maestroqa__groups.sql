with source as (

    select * from {{ source('maestroqa', 'groups') }}

),

renamed as (

    select
        -- ids
        nullif(trim(group_id), '') as group_id,

        -- strings
        nullif(trim(group_name), '') as group_name,
        nullif(trim(agent_ids), '') as agent_ids,

        -- booleans
        coalesce(cast(_fivetran_deleted as {{ dbt.type_boolean() }}), false) as is_deleted,

        -- timestamps
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_fivetran_synced as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'group_id is missing': 'group_id is null',
            'group_name is missing': 'group_name is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
        }) }} as reject_reason
    from renamed

)

select * from final
