"""Will the model stay right and affordable as data grows?"""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import key_columns
from analytics_tools.graph import chain_ending_in
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import listed

# These replace or add whole slices and need no key.
_KEYLESS = {"append", "insert_overwrite", "microbatch"}
_LONG_CHAIN = 5


@rule("PRF001", Area.PERFORMANCE, 6)
def incremental_has_unique_key(model: Model, _facts: Facts) -> Finding | None:
    """An incremental model has a unique_key.

    Without it a row that arrives again, or is processed again, is stored twice. Strategies that
    add or replace whole slices (append, insert_overwrite, microbatch) need none.
    """
    if model.materialized != "incremental":
        return None
    strategy = (model.config.incremental_strategy or "").lower()
    if strategy in _KEYLESS or key_columns(model.config.unique_key) or model.config.unique_key:
        return None
    return Finding(
        points=6,
        message="incremental without unique_key: a row delivered twice is stored twice",
        fix="set unique_key to the grain, or say incremental_strategy: append if that is meant",
    )


@rule("PRF002", Area.PERFORMANCE, 5)
def incremental_reads_only_new_rows(model: Model, facts: Facts) -> Finding | None:
    """An incremental model reads only what is new.

    Without a filter under is_incremental(), in the model or in a macro it calls, every run reads
    everything. dbt filters by itself for microbatch.
    """
    if model.materialized != "incremental" or model.language not in (None, "sql"):
        return None
    if (model.config.incremental_strategy or "").lower() == "microbatch":
        return None
    if "is_incremental" in model.code or facts.incremental_macros.intersection(
        model.depends_on.macros
    ):
        return None
    if not model.code or not model.depends_on.macros:
        return None  # not every version lists the macros a model calls
    return Finding(
        points=5,
        message="incremental, but nothing asks is_incremental(): every run reads everything",
        fix="filter the input under {% if is_incremental() %}, or make it a table",
    )


@rule("PRF003", Area.PERFORMANCE, 4)
def views_are_not_stacked(model: Model, facts: Facts) -> Finding | None:
    """Views don't stand on long chains of views.

    From the fifth view in a row on, each query computes them all again. Costs 4 points.
    """
    length = facts.view_chains.get(model.unique_id, 0)
    if length < _LONG_CHAIN:
        return None
    chain = chain_ending_in(model.unique_id, facts.project.parents, facts.view_chains)
    names = [facts.project.models[uid].label for uid in chain]
    return Finding(
        points=4,
        message=f"the last of {length} views in a row: {listed(names)}",
        fix="store one of them as a table, best the one that most others read",
        nodes=chain,
    )
