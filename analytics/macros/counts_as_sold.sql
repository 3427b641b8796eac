{% macro counts_as_sold(status_column='order_status', deleted_column='is_deleted') -%}
    ({{ status_column }} <> 'cancelled' and not {{ deleted_column }})
{%- endmacro %}
