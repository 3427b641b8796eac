"""A small shop, written by the bench itself: every kind of node, and data that separates."""

from __future__ import annotations

from pathlib import Path

from benchmarks.truth.shop_data import seeds

FILES = {
    "dbt_project.yml": """
name: shop
version: "1.0"
profile: shop
flags: {send_anonymous_usage_stats: false}
vars: {floor: 0, gold_from: 60, regions_shown: [UK, EU, US]}
models: {shop: {+materialized: table, staging: {+materialized: view}}}
""",
    "profiles.yml": """
shop:
  target: dev
  outputs: {dev: {type: duckdb, path: "{{ env_var('SHOP_DB') }}", threads: 1}}
""",
    "macros/dollars.sql": """
{% macro dollars(column) %}cast({{ column }} / 100.0 as decimal(16, 2)){% endmacro %}
""",
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
    case when spent.value >= {{ var('gold_from') }} then 'gold' when spent.value > 20 then 'silver'
        else 'none' end as tier
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
    "macros/money.sql": """
{% macro money(column) %}cast({{ dollars(column) }} as decimal(18, 2)){% endmacro %}
""",
    "macros/status_group.sql": """
{% macro status_group(column) -%}
case
    when {{ column }} in ('returned', 'lost') then 'bad'
    when {{ column }} = 'completed' then 'good'
    else 'open'
end
{%- endmacro %}
""",
    "models/eph_completed.sql": """
{{ config(materialized='ephemeral') }}
select order_id, customer_id, order_date, {{ status_group('status') }} as status_group
from {{ ref('stg_orders') }}
where status in ('completed', 'shipped', 'returned') and order_date is not null
""",
    "models/completed_by_day.sql": """
with completed as (select * from {{ ref('eph_completed') }})
select order_date as order_date, status_group as status_group, count(*) as orders,
    count(distinct customer_id) as customers
from completed
where order_date between '2024-01-01' and '2024-12-31'
group by order_date, status_group
having count(*) > 1
""",
    "models/payment_log.sql": """
{{ config(materialized='incremental', unique_key='payment_id', on_schema_change='ignore') }}
with payments as (
    select * from {{ ref('stg_payments') }}
    {% if is_incremental() %}
    where payment_id > (select max(payment_id) from {{ this }})
    {% endif %}
)
select
    payment_id as payment_id,
    order_id as order_id,
    coalesce(amount, 0) as amount,
    amount is null as is_missing
from payments
where payment_id is not null
""",
    "models/paid_by_method.sql": """
select
    order_id,
    {% for method in ['card', 'bank', 'coupon'] %}
    sum(case when payment_method = '{{ method }}' then amount end) as {{ method }}_amount,
    {% endfor %}
    count(*) as payments
from {{ ref('stg_payments') }}
group by 1
""",
    "models/running.sql": """
with daily as (
    select order_date, sum(amount) as amount, count(*) as orders
    from {{ ref('fct_orders') }}
    where order_date is not null
    group by order_date
)
select order_date as order_date, amount as amount,
    sum(orders) over (order by order_date rows between unbounded preceding and current row)
        as orders_so_far,
    lag(amount) over (order by order_date) as amount_before,
    rank() over (order by orders desc) as place
from daily
qualify row_number() over (partition by orders order by order_date) <= 4
""",
    "models/shown_regions.sql": """
select city as city, upper(region) as region
from {{ ref('regions') }}
where region in ('{{ var('regions_shown') | join("', '") }}')
""",
    "models/fees.sql": """
select payment_method as payment_method, sum(cast(amount as double) * 0.029 + 0.3) as fees
from {{ ref('stg_payments') }}
group by payment_method
""",
    "models/no_orders.sql": """
select c.customer_id as customer_id, c.city as city
from {{ ref('stg_customers') }} as c
left join {{ ref('stg_orders') }} as o
    on c.customer_id = o.customer_id and o.status <> 'lost'
where o.order_id is null
""",
    "models/same_names.sql": """
select first_name as name from {{ ref('stg_customers') }}
intersect
select last_name as name from {{ ref('stg_customers') }}
""",
    "models/promised.sql": """
select customer_id, cast(value as decimal(18, 2)) as value, tier
from {{ ref('dim_customers') }}
""",
    "models/days.sql": """
select cast(range as date) as day
from range(date '2024-01-01', date '2025-01-01', interval 1 day)
""",
    "models/_models.yml": """
models:
  - name: stg_orders
    description: One row an order, as it was delivered.
    columns:
      - name: order_id
        description: The key.
        data_tests: [unique, not_null]
      - name: status
        description: How far it is.
  - name: fct_orders
    description: One row an order that was not returned.
    semantic_model: {enabled: true, name: orders}
    agg_time_dimension: ordered_on
    columns:
      - name: order_id
        entity: {type: primary, name: order}
      - name: order_date
        granularity: day
        dimension: {type: time, name: ordered_on}
      - name: status
        dimension: {type: categorical, name: status}
    metrics:
      - {name: revenue, label: Revenue, type: simple, agg: sum, expr: amount}
      - {name: orders_counted, label: Orders, type: simple, agg: count, expr: order_id}
  - name: promised
    description: What others may rely on.
    config:
      contract: {enforced: true}
    columns:
      - {name: customer_id, data_type: integer, constraints: [{type: not_null}]}
      - {name: value, data_type: "decimal(18, 2)"}
      - {name: tier, data_type: varchar}
  - name: days
    description: The calendar.
    time_spine: {standard_granularity_column: day}
    columns:
      - {name: day, granularity: day}
""",
    "snapshots/snapshots.yml": """
snapshots:
  - name: snap_customers
    relation: ref('stg_customers')
    config:
      unique_key: customer_id
      strategy: check
      check_cols: [city, last_name]
""",
}


def write(folder: Path) -> Path:
    """Write the project into `folder` and return it."""
    texts = {**FILES, **{f"seeds/{name}.csv": text for name, text in seeds().items()}}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"))
    return folder
