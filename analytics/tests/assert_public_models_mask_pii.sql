-- A column marked contains_pii, in a source or a model, reaches a public model only if it is marked masked there;
-- a column of the same name as a marked one counts as marked. Returns the columns that leak.
-- noqa: disable=LT02
{%- set marked = [] -%}
{%- set leaks = [] -%}
{%- if execute -%}
    {%- for node in (graph.sources.values() | list) + (graph.nodes.values() | list) -%}
        {%- for column in node.columns.values() if ((column.config or {}).get('meta') or {}).get('contains_pii') -%}
            {%- do marked.append(column.name | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.access == 'public' -%}
        {%- for column in node.columns.values() if column.name | lower in marked -%}
            {%- if not ((column.config or {}).get('meta') or {}).get('masked') -%}
                {%- do leaks.append(node.name ~ '.' ~ column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif %}
-- noqa: enable=LT02
select 'no leak' as leaking_column
where 1 = 0
{%- for leak in leaks %}
union all
select '{{ leak }}' as leaking_column
{%- endfor %}
