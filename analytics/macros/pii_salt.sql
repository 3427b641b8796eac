{# The default is public, so it hides nothing: good enough for sample data, and for the targets that are meant for it. #}
{% macro pii_salt() -%}
    {%- set salt = env_var('ANALYTICS_PII_SALT', '') -%}
    {%- if salt == '' and target.name not in var('targets_with_sample_data', ['dev']) and execute -%}
        {{ exceptions.raise_compiler_error(
            "ANALYTICS_PII_SALT is not set, and target " ~ target.name ~ " masks personal data with it; "
            "set it to a secret, the same for every run of this target"
        ) }}
    {%- endif -%}
    {{ return(salt or 'sample-data-has-no-secrets') }}
{%- endmacro %}
