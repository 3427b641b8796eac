{# A hash of several columns, with a word of its own for null, so that null and '' differ. #}
{% macro generate_surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('generate_surrogate_key', 'dbt_utils')(field_list)) }}
{%- endmacro %}

{% macro default__generate_surrogate_key(field_list) -%}
    {%- set null_word = '' if var('surrogate_key_treat_nulls_as_empty_strings', false) else '_dbt_utils_surrogate_key_null_' -%}
    {%- set words = [] -%}
    {%- for field in field_list -%}
        {%- do words.append('coalesce(cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ "), '" ~ null_word ~ "')") -%}
        {%- if not loop.last -%}{%- do words.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(words)) }}
{%- endmacro %}
