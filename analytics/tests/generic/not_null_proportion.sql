{% test not_null_proportion(model, column_name, at_least) %}
-- One row where less than the given share of {{ column_name }} is filled. An empty model passes.
select
    count({{ column_name }}) as filled_rows,
    count(*) as all_rows
from {{ model }}
having count({{ column_name }}) < {{ at_least }} * count(*)
{% endtest %}
