with source as (

    select * from {{ source('crm', 'customers') }}

),

renamed as (

    select
        -- ids
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,
        cast(account_id as {{ dbt.type_bigint() }}) as account_id,

        -- strings
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        nullif(lower(trim(email)), '') as email_as_typed,
        nullif(upper(trim(country_code)), '') as country_code,

        -- booleans
        cast(is_active as {{ dbt.type_boolean() }}) as is_active,
        coalesce(cast(_fivetran_deleted as {{ dbt.type_boolean() }}), false) as is_deleted,

        -- timestamps
        cast(created_at as {{ dbt.type_timestamp() }}) as created_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_fivetran_synced as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        customer_id,
        account_id,
        {{ initial_capital('first_name') }} as first_name,
        {{ initial_capital('last_name') }} as last_name,
        case when {{ is_valid_email('email_as_typed') }} then email_as_typed end as email,
        country_code,
        coalesce({{ is_valid_email('email_as_typed') }}, false) as is_email_valid,
        is_active,
        is_deleted,
        created_at,
        updated_at,
        loaded_at,
        {{ reject_reason({
            'customer_id is missing': 'customer_id is null',
            'created_at is missing': 'created_at is null',
            'updated_at is missing': 'updated_at is null',
            'loaded_at is missing': 'loaded_at is null',
        }) }} as reject_reason
    from renamed

)

select * from final
