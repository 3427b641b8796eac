{# What is promised of a node, read from its YAML. #}
{% macro tier_of(node) -%}
    {%- set said = [] -%}
    {%- set asked = [node] -%}
    {%- if node.resource_type in ('test', 'unit_test') -%}
        {%- set attached = graph.nodes.get(node.attached_node) -%}
        {%- set asked = [attached] if attached else [] -%}
        {%- for uid in node.depends_on.nodes if not attached -%}
            {%- do asked.append(graph.nodes.get(uid) or graph.sources.get(uid)) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for one in asked if one and (one.config.get('meta') or {}).get('tier') -%}
        {%- do said.append(one.config.get('meta').get('tier')) -%}
    {%- endfor -%}
    {{ return(said | min if said else 'none') }}
{%- endmacro %}

{% macro owner_of(node) -%}
    {%- set owners = [] -%}
    {%- for group in graph.groups.values() if group.name == node.config.get('group') -%}
        {%- do owners.append(group.owner.email) -%}
    {%- endfor -%}
    {{ return((owners or [(node.config.get('meta') or {}).get('owner', 'none')]) | first) }}
{%- endmacro %}

{% macro sla_hours_of(node) -%}
    {{ return((node.config.get('meta') or {}).get('sla_hours', none)) }}
{%- endmacro %}

{% macro allowed_hours_of(node) -%}
    {%- set limit = (node.freshness or {}).get('warn_after') or {} -%}
    {%- set hours = {'minute': 1 / 60, 'hour': 1, 'day': 24} -%}
    {{ return((limit.count * hours[limit.period]) | int if limit.get('count') else none) }}
{%- endmacro %}
