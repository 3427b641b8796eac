{# A new source table is one line here: it is then counted, dated and searched for rejected rows. #}
{% macro delivered_tables() -%}
    {{ return({
        'crm.customers': 'customer_id',
        'crm.accounts': 'account_id',
        'crm.deletion_requests': 'request_id',
        'orders.orders': 'order_id',
        'orders.order_items': 'order_item_id',
        'orders.products': 'product_id',
        'orders.product_categories': 'product_category_id',
        'orders.stores': 'store_id',
        'billing.plans': 'plan_id',
        'billing.subscription_changes': 'change_id',
        'billing.invoices': 'invoice_id',
        'billing.payments': 'payment_id',
        'billing.refunds': 'refund_id',
        'ads.daily_spend': 'spend_id',
        'maestroqa.groups': 'group_id',
        'maestroqa.total_scores': 'conversation_id',
        'web.events': 'event_id',
    }) }}
{%- endmacro %}

{% macro staging_name(source_table) -%}
    {{ return('stg_' ~ source_table | replace('.', '__')) }}
{%- endmacro %}
