"""A small shop, written by the bench itself: every kind of node, and data that separates."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "dbt_project.yml": """
name: shop
version: "1.0"
profile: shop
flags: {send_anonymous_usage_stats: false}
vars: {floor: 0}
models: {shop: {+materialized: table, staging: {+materialized: view}}}
""",
    "profiles.yml": """
shop:
  target: dev
  outputs: {dev: {type: duckdb, path: "{{ env_var('SHOP_DB') }}", threads: 1}}
""",
    "seeds/raw_customers.csv": """id,first_name,last_name,city
1,Ada,Lovelace,London
2,Grace,Hopper,
3,,Turing,London
4,Edsger,Dijkstra,Austin
5,Ada,Lovelace,Paris
6,Alan,,
""",
    "seeds/raw_orders.csv": """id,user_id,order_date,status
1,1,2024-01-01,placed
2,1,2024-01-31,returned
3,2,2024-02-29,completed
4,3,,completed
5,,2024-06-15,placed
6,4,2024-12-31,
7,9,2024-12-31,shipped
8,2,2024-02-29,completed
""",
    "seeds/raw_payments.csv": """id,order_id,method,amount
1,1,card,1000
2,1,coupon,0
3,2,card,
4,3,bank,2500
5,3,card,-50
6,99,card,700
7,,card,5
8,6,bank,1999
9,8,card,2500
10,8,card,2500
""",
    "seeds/regions.csv": "city,region\nLondon,UK\nParis,EU\nAustin,US\n",
    "macros/dollars.sql": "{% macro dollars(column) %}({{ column }} / 100.0){% endmacro %}\n",
    "models/staging/stg_customers.sql": """
with source as (select * from {{ ref('raw_customers') }})
select id as customer_id, first_name, last_name, city from source
""",
    "models/staging/stg_orders.sql": """
with source as (select * from {{ ref('raw_orders') }})
select id as order_id, user_id as customer_id, order_date, coalesce(status, 'unknown') as status
from source
""",
    "models/staging/stg_payments.sql": """
with source as (select * from {{ ref('raw_payments') }}),
renamed as (
    select id as payment_id, order_id, method as payment_method, {{ dollars('amount') }} as amount
    from source
    where order_id is not null
)
select * from renamed
""",
    "models/order_payments.sql": """
select order_id, sum(amount) as total, count(*) as payments,
    max(case when payment_method = 'card' then amount else 0 end) as largest_card
from {{ ref('stg_payments') }}
where amount >= {{ var('floor') }} or amount is null
group by order_id
""",
    "models/fct_orders.sql": """
with orders as (select * from {{ ref('stg_orders') }}),
paid as (select * from {{ ref('order_payments') }}),
final as (
    select o.order_id as order_id, o.customer_id as customer_id, o.order_date as order_date,
        o.status as status, coalesce(p.total, 0) as amount, p.payments as payments
    from orders as o
    left join paid as p on o.order_id = p.order_id
    where o.status <> 'returned'
)
select * from final
""",
    "models/ranked.sql": """
select order_id as order_id, customer_id as customer_id, amount as amount,
    row_number() over (partition by customer_id order by amount desc, order_id) as place
from {{ ref('fct_orders') }}
""",
    "models/dim_customers.sql": """
with spent as (
    select customer_id, sum(amount) as value, min(order_date) as first_order, count(*) as orders
    from {{ ref('fct_orders') }} group by customer_id
)
select c.customer_id as customer_id, c.first_name as first_name, c.last_name as last_name,
    r.region as region, spent.value as value, spent.first_order as first_order,
    case when spent.value > 20 then 'gold' when spent.value > 5 then 'silver' else 'none' end
        as tier
from {{ ref('stg_customers') }} as c
left join spent on c.customer_id = spent.customer_id
left join {{ ref('regions') }} as r on c.city = r.city
""",
    "models/people.sql": """
select first_name as name, 'first' as kind from {{ ref('stg_customers') }}
union all
select last_name as name, 'last' as kind from {{ ref('stg_customers') }}
""",
    "models/cities.sql": """
select distinct city as city from {{ ref('stg_customers') }} where city is not null
""",
    "models/tiers.sql": """
select tier as tier, count(*) as customers, sum(value) as value
from {{ ref('dim_customers') }} group by tier
""",
    "models/methods.sql": """
select payment_method as payment_method, count(distinct order_id) as orders
from {{ ref('stg_payments') }} group by payment_method
""",
}


def write(folder: Path) -> Path:
    """Write the project into `folder` and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"))
    return folder
