with source as (

    select * from {{ source('web', 'events') }}

),

renamed as (

    select
        -- ids
        nullif(trim(event_id), '') as event_id,
        nullif(trim(anonymous_id), '') as anonymous_id,
        cast(user_id as {{ dbt.type_bigint() }}) as customer_id,
        cast(order_id as {{ dbt.type_bigint() }}) as order_id,

        -- strings
        nullif(lower(trim(event_type)), '') as event_type,
        nullif(trim(page_path), '') as page_path,
        nullif(lower(trim(utm_source)), '') as channel,
        nullif(lower(trim(utm_campaign)), '') as campaign,

        -- timestamps
        cast(occurred_at as {{ dbt.type_timestamp() }}) as occurred_at,
        cast(received_at as {{ dbt.type_timestamp() }}) as received_at,
        cast(received_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(_airbyte_extracted_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

),

final as (

    select
        *,
        {{ reject_reason({
            'event_id is missing': 'event_id is null',
            'anonymous_id is missing': 'anonymous_id is null',
            'occurred_at is missing': 'occurred_at is null',
            'received_at is missing': 'received_at is null',
            'loaded_at is missing': 'loaded_at is null',
            'event type is unknown': "coalesce(event_type, '') not in (
                'page_view', 'product_view', 'add_to_cart', 'login', 'signup', 'purchase'
            )",
            'received before it occurred': 'received_at < occurred_at',
        }) }} as reject_reason
    from renamed

)

select * from final
