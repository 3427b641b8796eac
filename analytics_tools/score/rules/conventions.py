"""Does the model stand where others will look for it, and read what it should?

The rules of layers hold for projects that follow dbt Labs' structure guide, told by their own
folders and prefixes. In any other project they keep silent.
"""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import counted, listed

# A prefix is the project's own convention when at least 4 of 5 models keep it.
_KEPT, _OF = 4, 5
_ENOUGH = 4
_LATER = (Layer.INTERMEDIATE, Layer.MARTS)


def _named_otherwise(facts: Facts) -> set[str]:
    """Return the models whose name doesn't speak of the folder's layer."""
    placed = facts.placements.items()
    return {uid for uid, one in placed if one.by_folder and one.by_name is not one.by_folder}


@rule("CNV001", Area.CONVENTIONS, 5, among=_named_otherwise)
def name_and_folder_agree(model: Model, facts: Facts) -> Finding | None:
    """The name and the folder speak of the same layer.

    Costs 5 points when they contradict each other (`dim_x` in staging/), 3 when the name bears no
    prefix although at least four of five models in such folders do.

    Bad:
        models/staging/dim_customer.sql
    Good:
        models/marts/dim_customer.sql
    Fix: move it to the folder its name speaks of, or rename it like its neighbours.
    """
    placed = facts.placements[model.unique_id]
    if placed.is_medallion or placed.by_folder is None:
        return None
    folder = placed.by_folder
    if placed.by_name is not None:
        return Finding(
            points=5,
            message=f"the name says {placed.by_name}, the folder {folder}",
            fix=f"move it to the {placed.by_name} folder, or rename it",
        )
    lying, named = facts.naming[(model.package_name, folder)]
    if lying < _ENOUGH or named * _OF < lying * _KEPT:
        return None
    known = facts.settings.conventions.prefixes.items()
    prefixes = " or ".join(prefix for prefix, layer in known if layer is folder)
    return Finding(
        points=3,
        message=f"{named} of {lying} models in {folder} folders begin with {prefixes}; "
        "this one doesn't",
        fix="rename it like its neighbours, or move it",
    )


def _read_more_than_one_source(facts: Facts) -> set[str]:
    """Return the models that read several things, or a single one that is no source."""
    parents, sources = facts.project.parents, facts.project.sources
    return {
        uid
        for uid in facts.project.models
        if len(above := parents[uid]) > 1 or (above and above[0] not in sources)
    }


@rule("CNV002", Area.CONVENTIONS, 5, layers=(Layer.STAGING,), among=_read_more_than_one_source)
def staging_reads_one_source(model: Model, facts: Facts) -> Finding | None:
    """A staging model reads one source, and nothing of a later layer.

    Costs 5 points when it reads an intermediate model or a mart, 3 when it joins several sources.
    Seeds and other staging models are fine, and where at least half of a package's staging models
    read later layers, that is its way.

    Bad:
        -- stg_crm__customers.sql
        select * from {{ ref('fct_orders') }}
    Good:
        select * from {{ source('crm', 'customers') }}
    Fix: move the logic to an intermediate model; stage each source in a model of its own.
    """
    if not facts.is_guided(model):
        return None
    later = _later_models(model, facts)
    if later:
        neighbours = facts.in_layer(model.package_name, Layer.STAGING)
        if _is_their_way([bool(_later_models(one, facts)) for one in neighbours]):
            return None
        names = [facts.project.models[uid].label for uid in later]
        return Finding(
            points=5,
            message=f"a staging model reads {counted(len(names), 'model')} of a later layer: "
            + listed(names),
            fix="move the logic to an intermediate model; staging only cleans one source",
            nodes=later,
        )
    sources = facts.sources_of(model)
    if len(sources) < 2:
        return None
    return Finding(
        points=3,
        message=f"reads {len(sources)} sources: {listed([source.label for source in sources])}",
        fix="stage each source in a model of its own and join them later",
        nodes=tuple(source.unique_id for source in sources),
    )


@rule("CNV003", Area.CONVENTIONS, 5, layers=_LATER, among=among.reading_sources)
def later_layers_read_no_source(model: Model, facts: Facts) -> Finding | None:
    """Intermediate models and marts read staging models, not sources.

    Renaming, casting and filtering of a raw table then happen once. Silent for packages without
    staging models, and for those where at least half of these models do so.

    Bad:
        -- fct_orders.sql
        select * from {{ source('shop', 'orders') }}
    Good:
        select * from {{ ref('stg_shop__orders') }}
    Fix: read it through a staging model.
    """
    sources = facts.sources_of(model)
    if not facts.is_guided(model):
        return None
    neighbours = [one for layer in _LATER for one in facts.in_layer(model.package_name, layer)]
    if _is_their_way([bool(facts.sources_of(one)) for one in neighbours]):
        return None
    return Finding(
        points=5,
        message=f"reads {counted(len(sources), 'source')} directly: "
        + listed([source.label for source in sources]),
        fix="read it through a staging model",
        nodes=tuple(source.unique_id for source in sources),
    )


@rule(
    "CNV004", Area.CONVENTIONS, 3, layers=(Layer.STAGING, Layer.INTERMEDIATE),
    among=among.under_exposures,
)  # fmt: skip
def exposures_read_marts(model: Model, facts: Facts) -> Finding | None:
    """Exposures read marts, not staging or intermediate models.

    What a dashboard reads can't be reshaped any more, which is what staging and intermediate
    models are for.

    Bad:
        exposures: [{name: board, depends_on: [ref('stg_shop__orders')]}]
    Good:
        exposures: [{name: board, depends_on: [ref('fct_orders')]}]
    Fix: give them a mart to read.
    """
    if not facts.is_guided(model):
        return None
    exposures = facts.exposures_of(model)
    layer = facts.placements[model.unique_id].layer
    return Finding(
        points=3,
        message=f"{counted(len(exposures), 'exposure')} on this {layer} model: "
        + listed([exposure.name for exposure in exposures]),
        fix="give them a mart to read",
        nodes=tuple(exposure.unique_id for exposure in exposures),
    )


def _is_their_way(breaks: list[bool]) -> bool:
    """Whether what the guide warns of is what most models of a package do."""
    return len(breaks) >= _ENOUGH and sum(breaks) * 2 >= len(breaks)


def _later_models(model: Model, facts: Facts) -> tuple[str, ...]:
    """Return the parents that lie in the package's intermediate or marts folders."""
    models = facts.project.models
    return tuple(
        uid
        for uid in facts.project.parents[model.unique_id]
        if uid in models
        and facts.placements[uid].by_folder in _LATER
        and models[uid].package_name == model.package_name
    )
