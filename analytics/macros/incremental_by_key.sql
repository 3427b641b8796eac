{#
    How a table is kept that grows and whose rows change: the one place where an engine's strategy, partitions and
    clustering are chosen. `many_rows` says that a key has several rows, which are replaced together.
#}
{% macro incremental_by_key(unique_key, watermarks=['loaded_at'], many_rows=false) -%}
    {%- set ours = {
        'materialized': 'incremental',
        'incremental_strategy': 'delete+insert',
        'unique_key': unique_key,
        'on_schema_change': 'append_new_columns',
    } -%}
    {%- do ours.update(adapter.dispatch('incremental_by_key')(unique_key, watermarks, many_rows)) -%}
    {{ return(ours) }}
{%- endmacro %}

{% macro default__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {{ return({}) }}
{%- endmacro %}

{# The key finds what is replaced, and each watermark its newest value without reading the table. #}
{% macro postgres__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {%- set indexes = [] -%}
    {%- for column_name in [unique_key] + watermarks -%}
        {%- do indexes.append({'columns': [column_name]}) -%}
    {%- endfor -%}
    {{ return({'indexes': indexes}) }}
{%- endmacro %}

{% macro redshift__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {{ return({'dist': unique_key, 'sort': [unique_key]}) }}
{%- endmacro %}

{% macro snowflake__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {{ return({'cluster_by': [unique_key]}) }}
{%- endmacro %}

{# A merge takes one row a key. Where there are several, BigQuery can replace them by building the table anew alone. #}
{% macro bigquery__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {%- set how = {'materialized': 'table'} if many_rows else {'incremental_strategy': 'merge'} -%}
    {%- do how.update({'cluster_by': [unique_key]}) -%}
    {{ return(how) }}
{%- endmacro %}

{% macro databricks__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {{ return({
        'incremental_strategy': 'delete+insert' if many_rows else 'merge',
        'liquid_clustered_by': unique_key,
    }) }}
{%- endmacro %}

{#
    Plain files take whole tables or partitions, and a late change may be of any day: so the table is built anew, which is
    right always and costs a full build. A table format has merge, for one row a key.
#}
{% macro spark__incremental_by_key(unique_key, watermarks, many_rows) -%}
    {%- set file_format = env_var('ANALYTICS_SPARK_FILE_FORMAT', 'parquet') -%}
    {%- if file_format == 'parquet' or many_rows -%}
        {{ return({'materialized': 'table', 'file_format': file_format}) }}
    {%- else -%}
        {{ return({'incremental_strategy': 'merge', 'file_format': file_format}) }}
    {%- endif -%}
{%- endmacro %}
