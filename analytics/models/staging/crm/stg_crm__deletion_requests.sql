with source as (

    select * from {{ source('crm', 'deletion_requests') }}

),

renamed as (

    select
        -- ids
        cast(request_id as {{ dbt.type_bigint() }}) as request_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,

        -- booleans
        coalesce(cast(_fivetran_deleted as {{ dbt.type_boolean() }}), false) as is_withdrawn,

        -- timestamps
        cast(requested_at as {{ dbt.type_timestamp() }}) as requested_at,
        cast(requested_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_fivetran_synced as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'request_id is missing': 'request_id is null',
            'customer_id is missing': 'customer_id is null',
            'requested_at is missing': 'requested_at is null',
            'loaded_at is missing': 'loaded_at is null',
        }) }} as reject_reason
    from renamed

)

select * from final
