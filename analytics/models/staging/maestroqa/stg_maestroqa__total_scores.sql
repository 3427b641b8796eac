with source as (

    select * from {{ source('maestroqa', 'total_scores') }}

),

renamed as (

    select
        -- ids
        nullif(trim(conversation_id), '') as conversation_id,
        nullif(trim(agent_id), '') as agent_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,

        -- strings
        nullif(trim(rubric), '') as rubric_name,

        -- numbers
        cast(total_score as {{ dbt.type_bigint() }}) as total_score,
        cast(max_score as {{ dbt.type_bigint() }}) as max_score,

        -- booleans
        coalesce(cast(_fivetran_deleted as {{ dbt.type_boolean() }}), false) as is_deleted,

        -- timestamps
        cast(graded_at as {{ dbt.type_timestamp() }}) as graded_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_fivetran_synced as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'conversation_id is missing': 'conversation_id is null',
            'agent_id is missing': 'agent_id is null',
            'rubric is missing': 'rubric_name is null',
            'graded_at is missing': 'graded_at is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'maximum is missing or not positive': 'coalesce(max_score, 0) <= 0',
            'score is missing or outside its scale': 'total_score is null or total_score < 0 or total_score > max_score',
        }) }} as reject_reason
    from renamed

)

select * from final
