with source as (

    select * from {{ source('shop', 'orders') }}

),

final as (

    select
        -- ids
        cast(order_id as {{ dbt.type_bigint() }}) as order_id,
        cast(customer_id as {{ dbt.type_bigint() }}) as customer_id,

        -- strings
        lower(trim(status)) as order_status,

        -- numbers
        cast(amount_cents as {{ dbt.type_bigint() }}) as amount_cents,

        -- timestamps
        cast(ordered_at as {{ dbt.type_timestamp() }}) as ordered_at,
        cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at,
        cast(loaded_at as {{ dbt.type_timestamp() }}) as loaded_at
    from source

)

select * from final
