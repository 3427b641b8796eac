-- Nothing that is stored still names somebody who asked to be forgotten.
with forgotten as (

    select * from {{ ref('int_customers_forgotten') }}

),

customers as (

    select * from {{ ref('int_customers_deduplicated') }}

),

dim_customer as (

    select * from {{ ref('dim_customer') }}

),

customer_360_v1 as (

    select * from {{ ref('customer_360', v=1) }}

),

customer_360_v2 as (

    select * from {{ ref('customer_360', v=2) }}

),

named as (

    select
        customer_id,
        first_name,
        last_name,
        email
    from customers
    union all
    select
        customer_id,
        first_name,
        last_name,
        email
    from dim_customer
    union all
    select
        customer_id,
        first_name,
        last_name,
        email
    from customer_360_v1
    union all
    select
        customer_id,
        first_name,
        last_name,
        email
    from customer_360_v2

)

select named.customer_id
from named
inner join forgotten on named.customer_id = forgotten.customer_id
where coalesce(named.first_name, named.last_name, named.email) is not null
