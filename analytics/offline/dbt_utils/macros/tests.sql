{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
{%- set equals = '=' if inclusive else '' %}
select *
from {{ model }}
where
    {{ column_name }} is not null
    and (
        1 = 2
        {%- if min_value is not none %} or not {{ column_name }} >{{ equals }} {{ min_value }}{% endif %}
        {%- if max_value is not none %} or not {{ column_name }} <{{ equals }} {{ max_value }}{% endif %}
    )
{% endtest %}

{% test equal_rowcount(model, compare_model, group_by_columns=[]) %}
select
    counted.model_rows,
    counted.compared_rows
from (
    select
        (select count(*) from {{ model }}) as model_rows,
        (select count(*) from {{ compare_model }}) as compared_rows
) as counted
where counted.model_rows <> counted.compared_rows
{% endtest %}

{% test expression_is_true(model, expression, column_name=none) %}
select *
from {{ model }}
where not ({{ column_name or '' }} {{ expression }})
{% endtest %}

{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
{%- set columns = [] -%}
{%- for name in combination_of_columns -%}
    {%- do columns.append(adapter.quote(name) if quote_columns else name) -%}
{%- endfor %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
