"""Which models a rule can find something in, told for all of them at once.

Most rules concern a handful of models. To go through a project once for a rule costs a tenth of
calling it for each model: `rule(..., among=...)` takes such a function.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import chain

from analytics_tools.artifacts.nodes import Model, Source
from analytics_tools.score.facts import Facts

Among = Callable[[Facts], AbstractSet[str]]


def models(are_meant: Callable[[Model], object]) -> Among:
    """Return what finds the models of which something is true by themselves."""

    def among(facts: Facts) -> AbstractSet[str]:
        return {uid for uid, model in facts.project.models.items() if are_meant(model)}

    return among


def reading(is_meant: Callable[[Source, Facts], bool]) -> Among:
    """Return what finds the readers of those sources of which something is true."""

    def among(facts: Facts) -> AbstractSet[str]:
        sources = facts.project.sources.items()
        meant = [uid for uid, source in sources if is_meant(source, facts)]
        return set(chain.from_iterable(facts.readers.get(uid, ()) for uid in meant))

    return among


def public(facts: Facts) -> AbstractSet[str]:
    """Return the models that outsiders may build on."""
    return facts.public


def under_exposures(facts: Facts) -> AbstractSet[str]:
    """Return what exposures read directly."""
    return facts.exposures_by_parent.keys()


def public_or_under_exposures(facts: Facts) -> AbstractSet[str]:
    """Return the models that outsiders may build on, or that an exposure reads."""
    return facts.public | facts.exposures_by_parent.keys()


def for_outsiders(facts: Facts) -> AbstractSet[str]:
    """Return marts, public models and those under an exposure."""
    return facts.marts


def annotated_for_outsiders(facts: Facts) -> AbstractSet[str]:
    """Return those of `for_outsiders` of which a column has meta, tags, a type or constraints."""
    return facts.notes.annotated.keys() & facts.marts


def reading_sources(facts: Facts) -> AbstractSet[str]:
    """Return what reads a source directly."""
    return facts.sources_by_reader.keys()


def unread(facts: Facts) -> AbstractSet[str]:
    """Return the models that nothing reads."""
    return facts.project.models.keys() - facts.readers.keys()


def untested(facts: Facts) -> AbstractSet[str]:
    """Return the models with neither a data test nor a unit test."""
    project = facts.project
    tested = project.tests_by_node.keys() | project.unit_tests_by_model.keys()
    return project.models.keys() - tested


def run(facts: Facts) -> AbstractSet[str]:
    """Return the models of which the last run tells, by themselves or by their tests."""
    return facts.project.models.keys() if facts.project.results else frozenset()


def with_the_text_of_others(facts: Facts) -> AbstractSet[str]:
    """Return the models whose description is another model's as well."""
    return set(chain.from_iterable(facts.texts.values()))


def softly_tested(facts: Facts) -> AbstractSet[str]:
    """Return the models with a test of a key that only warns, or looks at some rows only."""
    return {uid for uid, keys in facts.keys.items() if keys.is_soft}


def without_proven_key(facts: Facts) -> AbstractSet[str]:
    """Return the models of which nothing proves a key unique and filled."""
    return {uid for uid, keys in facts.keys.items() if not keys.proven}


def reading_more_than(most: int, facts: Facts) -> AbstractSet[str]:
    """Return the models that read more than so many things."""
    parents = facts.project.parents
    return {uid for uid in facts.project.models if len(parents[uid]) > most}


def in_semantic_models(facts: Facts) -> AbstractSet[str]:
    """Return the models that semantic models stand on."""
    parents = facts.project.parents
    return {uid for semantic in facts.project.semantic_models for uid in parents[semantic]}


def declared_otherwise(facts: Facts) -> AbstractSet[str]:
    """Return the models whose columns in YAML are not those of the catalog."""
    return facts.notes.built.keys() - facts.declared_as_built


def perhaps_undescribed(facts: Facts) -> AbstractSet[str]:
    """Return the models of whose columns one may lack a description, or that declare none."""
    bare = [uid for uid, names in facts.notes.declared.items() if not names]
    return declared_otherwise(facts) | facts.notes.undescribed.keys() | set(bare)
