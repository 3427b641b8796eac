with source as (

    select * from {{ source('crm', 'accounts') }}

),

renamed as (

    select
        -- ids
        cast(account_id as {{ dbt.type_bigint() }}) as account_id,

        -- strings
        nullif(trim(account_name), '') as account_name,
        nullif(lower(trim(account_type)), '') as account_type,

        -- booleans
        coalesce(cast(_fivetran_deleted as {{ dbt.type_boolean() }}), false) as is_deleted,

        -- timestamps
        cast(created_at as {{ dbt.type_timestamp() }}) as created_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_fivetran_synced as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'account_id is missing': 'account_id is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'account type is unknown': "coalesce(account_type, '') not in ('household', 'company', 'education')",
        }) }} as reject_reason
    from renamed

)

select * from final
