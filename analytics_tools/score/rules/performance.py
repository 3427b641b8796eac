"""Will the model stay affordable as data grows?"""

from __future__ import annotations

import re

from analytics_tools.artifacts import Model
from analytics_tools.graph import chain_ending_in
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.score.shape import shape_of
from analytics_tools.words import counted, listed

_VIEWS = ("view", "ephemeral")
_HEAVY_WORDS = ("group by", " join ", "distinct", "over (", "over(", "\njoin ")
_ORDERS = re.compile(r"order\s+by\b")


def _end_long_chains(facts: Facts) -> set[str]:
    """Return the models that stand on a long chain of views, and end it or go on with it."""
    most = facts.limits["view_chain"]
    return {uid for uid, length in facts.view_chains.items() if length >= most}


@rule("PRF003", Area.PERFORMANCE, 4, among=_end_long_chains)
def views_are_not_stacked(model: Model, facts: Facts) -> Finding | None:
    """Views don't stand on long chains of views.

    From the fifth view in a row on (`limits.view_chain`), each query computes them all again.
    Costs 4 points.

    Bad:
        view on view on view on view on view
    Good:
        the third of them stored: {{ config(materialized='table') }}
    Fix: store one of them as a table, best the one that most others read.
    """
    length = facts.view_chains[model.unique_id]
    chain = chain_ending_in(model.unique_id, facts.project.parents, facts.view_chains)
    names = [facts.project.models[uid].label for uid in chain]
    return Finding(
        points=4,
        message=f"the last of {length} views in a row: {listed(names)}",
        fix="store one of them as a table, best the one that most others read",
        nodes=chain,
    )


def _have_many_readers(facts: Facts) -> set[str]:
    """Return what many nodes read."""
    least = facts.limits["view_readers"]
    return {uid for uid, below in facts.readers.items() if len(below) >= least}


@rule("PRF004", Area.PERFORMANCE, 3, materialized=_VIEWS, among=_have_many_readers)
def what_many_read_is_stored(model: Model, facts: Facts) -> Finding | None:
    """A view or ephemeral model that works hard and is read by many is stored.

    Six or more models (`limits.view_readers`) read it directly, and it joins, groups or sorts out
    duplicates: each of them does that work anew.

    Bad:
        {{ config(materialized='view') }} select ... group by 1   -- and eight models read it
    Good:
        {{ config(materialized='table') }}
    Fix: make it a table, or incremental.
    """
    models = facts.project.models
    readers = [uid for uid in facts.readers_of(model) if uid in models]
    if len(readers) < facts.limits["view_readers"] or not any(
        word in facts.lower_code(model) for word in _HEAVY_WORDS
    ):
        return None
    return Finding(
        points=3,
        message=f"{len(readers)} models read this {model.materialized}, and each repeats its work: "
        + listed([models[uid].label for uid in readers]),
        fix="make it a table, or incremental",
        nodes=tuple(readers),
    )


@rule("PRF009", Area.PERFORMANCE, 2, materialized=_VIEWS)
def views_do_not_sort(model: Model, facts: Facts) -> Finding | None:
    """A view's result is not sorted.

    No reader may rely on the order of a view's rows, yet some engines sort for every query. Read
    from the parsed SQL: an ORDER BY at the end, without LIMIT. Tables are left alone, for sorting
    may cluster them.

    Bad:
        select * from final order by created_at
    Good:
        select * from final
    Fix: leave the sorting to who reads it.
    """
    if not _ORDERS.search(model.code[-400:].lower()):
        return None
    shape = shape_of(model, facts.project.adapter)
    if shape is None or not shape.is_ordered:
        return None
    return Finding(
        points=2,
        message=f"the {model.materialized} sorts its result",
        fix="leave the sorting to who reads it",
    )


@rule(
    "PRF010", Area.PERFORMANCE, 2,
    among=lambda facts: among.reading_more_than(facts.limits["parents"], facts),
)  # fmt: skip
def reads_a_few_things(model: Model, facts: Facts) -> Finding | None:
    """A model reads no more than a dozen others.

    Joins of more than that (`limits.parents`) are hard to read, to test and to plan. Models whose
    code only stacks rows (UNION) are left alone.

    Bad:
        fct_everything joins 20 models
    Good:
        three intermediate models join what belongs together, and fct_everything joins those
    Fix: bring together in intermediate models what belongs together.
    """
    above, most = facts.project.parents[model.unique_id], facts.limits["parents"]
    parents = [uid for uid in above if uid in facts.project.relations]
    if len(parents) <= most or "union" in facts.lower_code(model):
        return None
    return Finding(
        points=2,
        message=f"reads {counted(len(parents), 'relation')} directly",
        fix="bring together in intermediate models what belongs together",
        nodes=tuple(parents),
    )
