{#
    dbt's own versions of these for Spark go through whole seconds, lose what is finer, and ask twice for each value. Spark
    counts in microseconds by itself since 3.3.
#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), {{ from_date_or_timestamp }})
{%- endmacro %}

{# Boundaries crossed, as dbt means it, not whole units passed, as Spark does. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    cast(timestampdiff(
        {{ datepart }},
        date_trunc('{{ datepart }}', {{ first_date }}),
        date_trunc('{{ datepart }}', {{ second_date }})
    ) as int)
{%- endmacro %}

{# dbt's own takes a number alone, not the name of a column that holds it. #}
{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}
