{#
    Files without constraints would keep a contract's `not_null` for decoration. So what was written is asked once, and a
    null stops the build, as it does on an engine that checks while it writes.
#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- if config.get('contract').enforced -%}
        {%- if config.get('file_format', 'parquet') == 'delta' -%}
            {%- do alter_table_add_constraints(relation, model.constraints) -%}
            {%- do alter_column_set_constraints(relation, model.columns) -%}
        {%- else -%}
            {%- do spark__stop_at_nulls(relation, model.columns) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__stop_at_nulls(relation, columns) -%}
    {%- set counts = [] -%}
    {%- for column in columns.values() if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
        {%- do counts.append('count(case when ' ~ column.name ~ ' is null then 1 end) as ' ~ column.name) -%}
    {%- endfor -%}
    {%- if counts -%}
        {%- set answer = run_query('select ' ~ counts | join(', ') ~ ' from ' ~ relation) -%}
        {%- for name in answer.column_names if answer.columns[name].values()[0] > 0 -%}
            {{ exceptions.raise_database_error(
                relation ~ ': not_null constraint of ' ~ name ~ ' is broken by ' ~ answer.columns[name].values()[0] ~ ' rows'
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
