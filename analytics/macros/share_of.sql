{# Cast before the division, for integers lose their decimals on several engines; nothing over nothing is null. #}
{% macro share_of(part, whole) -%}
    cast(cast({{ part }} as numeric(18, 6)) / nullif({{ whole }}, 0) as numeric(18, 6))
{%- endmacro %}
