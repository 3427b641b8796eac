with source as (

    select * from {{ source('billing', 'subscription_changes') }}

),

renamed as (

    select
        -- ids
        cast(change_id as {{ dbt.type_bigint() }}) as change_id,
        cast(subscription_id as {{ dbt.type_bigint() }}) as subscription_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,
        cast(plan_id as {{ dbt.type_bigint() }}) as plan_id,

        -- strings
        nullif(lower(trim(change_type)), '') as change_type,

        -- timestamps
        cast(effective_at as {{ dbt.type_timestamp() }}) as effective_at,
        cast(effective_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'change_id is missing': 'change_id is null',
            'subscription_id is missing': 'subscription_id is null',
            'customer_id is missing': 'customer_id is null',
            'effective_at is missing': 'effective_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'change type is unknown': "coalesce(change_type, '') not in ('started', 'changed', 'cancelled', 'reactivated')",
            'plan is missing': "change_type <> 'cancelled' and plan_id is null",
        }) }} as reject_reason
    from renamed

)

select * from final
