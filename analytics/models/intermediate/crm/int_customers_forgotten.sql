-- A request is a thing of its own: of two, one taken back leaves the other.
with requests as (

    select * from {{ ref('int_deletion_requests_deduplicated') }}

),

final as (

    select
        customer_id,
        max(requested_at) as requested_at
    from requests
    where not is_withdrawn
    group by customer_id

)

select * from final
