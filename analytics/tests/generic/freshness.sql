{% test freshness(model, column_name, hours) %}
-- One row where the newest {{ column_name }} is older than {{ hours }} hours.
select max({{ column_name }}) as newest
from {{ model }}
having coalesce({{ dbt.datediff('max(' ~ column_name ~ ')', as_of(), 'hour') }}, {{ hours }} + 1) > {{ hours }}
{% endtest %}
