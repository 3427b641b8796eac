"""Is the SQL such that lineage, readers and colleagues can rely on it?"""

from __future__ import annotations

import re

from analytics_tools.artifacts import Model
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.score.shape import may_end_in_star, shape_of
from analytics_tools.sql.text import hard_coded_relations
from analytics_tools.words import counted, listed

_JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)
# Begins with a letter that is found in no time, and looks back from there.
_AGGREGATES = re.compile(r"\((?:(?<=count\()|(?<=sum\()|(?<=avg\()|(?<=min\()|(?<=max\())")
_GROUP = re.compile(r"\bgroup\s+by\b|\b(?:count|sum|avg|min|max)\s*\(", re.IGNORECASE)
# Jinja that gives another query for each model.
_SELF = re.compile(r"\bthis\b|\bmodel\b")
# Code of two models that is alike and no longer than this says little.
_LEAST_CODE = 80


@rule("CNV005", Area.CONVENTIONS, 8)
def relations_are_not_hard_coded(model: Model, _facts: Facts) -> Finding | None:
    """Relations are named through ref() or source().

    A relation written out is invisible to lineage, and read from production in every environment.
    Costs 4 points for each. Silent where a dotted name could be something else.

    Bad:
        select * from raw.orders
    Good:
        select * from {{ source('raw', 'orders') }}
    Fix: declare it as a source, or use ref() when dbt builds it.
    """
    if model.language not in (None, "sql"):
        return None
    hits = hard_coded_relations(model.code)
    if not hits:
        return None
    names = [f"{hit.text} (line {hit.line})" for hit in hits]
    return Finding(
        points=4 * len(hits),
        message=f"{counted(len(hits), 'relation')} written out: {listed(names)}",
        fix="declare it as a source, or use ref() when dbt builds it",
        line=hits[0].line,
    )


@rule(
    "CNV006", Area.CONVENTIONS, 3, layers=(Layer.STAGING,),
    among=lambda facts: among.reading_more_than(1, facts),
)  # fmt: skip
def staging_does_not_join(model: Model, facts: Facts) -> Finding | None:
    """A staging model has no join.

    Staging is one source table, cleaned. Joins belong to intermediate models, where others can
    find and test them. Read from the parsed SQL. Joining seeds or `base_` models is fine, and where
    half of a package's staging models join, that is its way.

    Bad:
        -- stg_crm__orders.sql
        from orders left join customers on orders.customer_id = customers.id
    Good:
        -- int_orders_joined.sql
        from stg_crm__orders left join stg_crm__customers on ...
    Fix: move the join to an intermediate model.
    """
    if not facts.is_guided(model) or "join" not in facts.lower_code(model):
        return None
    models, sources = facts.project.models, facts.project.sources
    above = [uid for uid in facts.project.parents[model.unique_id] if uid in models]
    if any(facts.placements[uid].layer is not Layer.STAGING for uid in above):
        return None  # a staging layer of another kind, or CNV002's
    read = [uid for uid in facts.project.parents[model.unique_id] if uid in sources]
    read += [uid for uid in above if not models[uid].name.startswith("base_")]
    if len(read) < 2 or len(facts.sources_of(model)) > 1 or facts.is_their_way(model, _JOIN):
        return None  # several sources are CNV002's
    shape = shape_of(model, facts.project.adapter)
    if shape is None or not shape.joins:
        return None
    return Finding(
        points=3,
        message=f"a staging model with {counted(shape.joins, 'join')}",
        fix="move the join to an intermediate model",
        nodes=tuple(read),
    )


@rule("CNV007", Area.CONVENTIONS, 3, layers=(Layer.STAGING,))
def staging_does_not_aggregate(model: Model, facts: Facts) -> Finding | None:
    """A staging model doesn't aggregate.

    Staging keeps the grain of its source, so that everything after it can choose its own. Read from
    the parsed SQL; window functions and DISTINCT, which drop duplicates, are fine. Speaks of models
    that read a source, and where half of a package's staging models aggregate, that is its way.

    Bad:
        -- stg_crm__orders.sql
        select customer_id, sum(amount) from orders group by 1
    Good:
        -- int_orders_by_customer.sql
        select customer_id, sum(amount) from {{ ref('stg_crm__orders') }} group by 1
    Fix: move the aggregation to an intermediate model.
    """
    if not facts.is_guided(model):
        return None
    code = facts.lower_code(model)
    if "group" not in code and not _AGGREGATES.search(code):
        return None
    if not facts.sources_of(model) or facts.is_their_way(model, _GROUP):
        return None
    shape = shape_of(model, facts.project.adapter)
    if shape is None or not shape.aggregates:
        return None
    return Finding(
        points=3,
        message="a staging model that aggregates: its grain is not the source's",
        fix="move the aggregation to an intermediate model",
    )


@rule("CNV008", Area.CONVENTIONS, 3, among=among.public_or_under_exposures)
def public_model_lists_its_columns(model: Model, facts: Facts) -> Finding | None:
    """A public model lists its columns.

    With `select *` from another relation at the end, whatever changes upstream changes what
    outsiders read. Speaks of public models and those under an exposure, without a contract. Read
    from the parsed SQL: `select * from final` is fine when the CTE lists its columns.

    Bad:
        select * from {{ ref('int_orders') }}
    Good:
        select order_id, ordered_at, net_amount from {{ ref('int_orders') }}
    Fix: list the columns, or enforce a contract.
    """
    if model.has_contract or model.language not in (None, "sql") or not may_end_in_star(model.code):
        return None
    shape = shape_of(model, facts.project.adapter)
    if shape is None or not shape.star_of:
        return None
    return Finding(
        points=3,
        message=f"takes over whatever columns {shape.star_of} has (select *)",
        fix="list the columns, or enforce a contract",
    )


@rule("CNV009", Area.CONVENTIONS, 3, among=among.for_outsiders)
def names_need_no_quotes(model: Model, facts: Facts) -> Finding | None:
    """Names of a mart and of its columns need no quotes.

    A blank, a dot or a leading digit in a name has to be quoted by everyone, in every query, each
    engine in its own way. Costs a point for each.

    Bad:
        select amount as "Net Amount"
    Good:
        select amount as net_amount
    Fix: use letters, digits and underscores.
    """
    built = facts.built(model)
    names = facts.declared(model) if built is None else built
    if _is_plain(model.name) and all(map(str.isidentifier, names)) and all(map(str.isascii, names)):
        return None
    odd = [name for name in facts.columns(model).names.values() if not _is_plain(name)]
    # `address.city` in YAML means a field.
    odd = [name for name in odd if name.count(".") == 0 or " " in name]
    if not _is_plain(model.name):
        odd.insert(0, model.name)
    if not odd:
        return None
    return Finding(
        points=len(odd),
        message=f"{counted(len(odd), 'name')} that every query must quote: {listed(odd)}",
        fix="use letters, digits and underscores",
        columns=tuple(name for name in odd if name != model.name),
    )


@rule("CNV010", Area.CONVENTIONS, 4, among=lambda facts: facts.twins)
def no_other_model_is_alike(model: Model, facts: Facts) -> Finding | None:
    """No other model of the package has the very same code.

    Whoever mends one forgets the other. Only code that is the same to the letter and reads the same
    relations counts, so what Jinja makes of a model's name is not meant; versions of one model
    aren't either.

    Bad:
        fct_orders.sql and fct_sales.sql hold the same query
    Good:
        fct_sales.sql is gone, its readers use ref('fct_orders')
    Fix: keep one, and let the readers of the other use it.
    """
    if len(model.code) < _LEAST_CODE or _SELF.search(model.code):
        return None
    models = facts.project.models
    twins = [uid for uid in facts.twins[model.unique_id] if models[uid].name != model.name]
    if not twins:
        return None
    return Finding(
        points=4,
        message="has the same code as " + listed([models[uid].label for uid in twins]),
        fix="keep one, and let the readers of the other use it",
        nodes=tuple(twins),
    )


def _is_plain(name: str) -> bool:
    return name.isidentifier() and name.isascii()
