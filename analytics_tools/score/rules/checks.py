"""Do the checks that exist really guard: did they run, do they stop a build, do they fit?"""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import SemanticElement, Source
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.keys import folded, only_warns, proves_uniqueness
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import counted, listed


def _lacks_freshness(source: Source, facts: Facts) -> bool:
    return not (source.freshness and source.freshness.is_set) and (
        source.source_name in facts.watched_sources or not facts.watched_sources
    )


@rule("TST006", Area.TESTS, 3, layers=(Layer.STAGING,), among=among.reading(_lacks_freshness))
def sources_have_freshness(model: Model, facts: Facts) -> Finding | None:
    """The sources that staging reads have a deadline for fresh data.

    A load that stopped breaks nothing: the numbers just don't move any more. Speaks of models in
    the staging layer, and of sources where at least one table of the source has a time column or a
    deadline, or where no source of the project has any.

    Bad:
        sources: [{name: crm, tables: [{name: customers}]}]
    Good:
        sources:
          - name: crm
            loaded_at_field: _loaded_at
            freshness: {warn_after: {count: 1, period: day}}
    Fix: set loaded_at_field and freshness; freshness: null says that a table is never renewed.
    """
    bare = [source for source in facts.sources_of(model) if _lacks_freshness(source, facts)]
    if not bare:
        return None
    return Finding(
        points=3,
        message=f"reads {counted(len(bare), 'source table')} without freshness: "
        + listed([source.label for source in bare]),
        fix="set loaded_at_field and freshness on the source, so that a stopped load is noticed",
        nodes=tuple(source.unique_id for source in bare),
        file=bare[0].original_file_path,
    )


def _was_checked(source: Source, facts: Facts) -> bool:
    return source.unique_id in facts.project.freshness_results


@rule("TST007", Area.TESTS, 4, among=among.reading(_was_checked))
def sources_were_fresh(model: Model, facts: Facts) -> Finding | None:
    """The sources it reads were fresh when they were last checked.

    Read from sources.json, which `dbt source freshness` writes. Too late costs 4 points, late 2.
    Silent without that file.

    Bad:
        crm.customers: error, last loaded 3 days ago
    Good:
        crm.customers: pass
    Fix: look after the load, or set a deadline that it can keep.
    """
    late = [
        (source, facts.project.freshness_results[source.unique_id].status.lower())
        for source in facts.sources_of(model)
        if _was_checked(source, facts)
    ]
    late = [(source, status) for source, status in late if status != "pass"]
    if not late:
        return None
    return Finding(
        points=2 if all(status == "warn" for _, status in late) else 4,
        message="late at the last check: "
        + listed([f"{source.label} ({status})" for source, status in late]),
        fix="look after the load, or set a deadline that it can keep",
        nodes=tuple(source.unique_id for source, _ in late),
    )


@rule("TST008", Area.TESTS, 10, among=among.run)
def last_run_was_good(model: Model, facts: Facts) -> Finding | None:
    """The model and its tests passed in the last run.

    Read from run_results.json. A model that could not be built costs 10 points, a test that failed
    6, one that warned 2. Silent without that file, and for what did not run.

    Bad:
        unique_fct_orders_order_id: fail, 12 rows
    Good:
        unique_fct_orders_order_id: pass
    Fix: mend the data or the test; a test that fails for weeks is not read any more.
    """
    results = facts.project.results
    own = results.get(model.unique_id)
    if own is not None and own.status in ("error", "runtime error", "fail"):
        return Finding(
            points=10,
            message="the last run could not build the model",
            fix="see its message in run_results.json, or run it alone",
        )
    guards = (
        *facts.tests_of(model),
        *facts.project.unit_tests_by_model.get(model.unique_id, ()),
    )
    ran = [(guard, results[guard.unique_id]) for guard in guards if guard.unique_id in results]
    bad = [(guard, result) for guard, result in ran if result.status in _BAD]
    if not bad:
        return None
    told = [
        f"{guard.name} ({result.status}{f', {result.failures:,} rows' if result.failures else ''})"
        for guard, result in bad
    ]
    return Finding(
        points=max(_BAD[result.status] for _, result in bad),
        message=f"{counted(len(bad), 'test')} not passed in the last run: {listed(told, 3)}",
        fix="mend the data or the test; one that fails for weeks is not read any more",
        nodes=tuple(guard.unique_id for guard, _ in bad),
    )


_BAD = {"fail": 6, "error": 6, "runtime error": 6, "warn": 2}


@rule("TST009", Area.TESTS, 4, among=among.softly_tested)
def key_tests_stop_a_build(model: Model, facts: Facts) -> Finding | None:
    """The test of the key stops a build, for all rows.

    With severity warn, duplicates pass on to everything downstream, and multiply in its joins. A
    `where` leaves rows untested. Silent when another test of a key has neither.

    Bad:
        - unique: {config: {severity: warn}}
    Good:
        - unique
    Fix: take severity: warn and where off the uniqueness test, or add one without them.
    """
    tests = [test for test in facts.tests_of(model) if proves_uniqueness(test)]
    if not tests:
        return None
    warns = [test for test in tests if only_warns(test)]
    partial = [test for test in tests if test.config.where]
    if any(test not in warns and test not in partial for test in tests):
        return None
    reason = "only warns" if warns else "looks at some rows only (where)"
    return Finding(
        points=4 if warns else 2,
        message=f"the test of the key {reason}: {listed([test.name for test in tests], 3)}",
        fix="take severity: warn and where off the uniqueness test, or add one without them",
        nodes=tuple(test.unique_id for test in tests),
    )


@rule("TST010", Area.TESTS, 5, among=among.in_semantic_models)
def primary_entity_is_the_key(model: Model, facts: Facts) -> Finding | None:
    """The primary entity of a semantic model is a tested key.

    MetricFlow joins by it and trusts it to be unique: where it is not, metrics count rows twice and
    no test of a query would tell. Silent when no key is tested at all, which TST001 tells.

    Bad:
        entities: [{name: order, type: primary, expr: order_id}]   # the tested key is order_line_id
    Good:
        entities: [{name: order_line, type: primary, expr: order_line_id}]
    Fix: make the entity's column the tested key, or test it for uniqueness.
    """
    keys = facts.keys_of(model).keys
    if not keys:
        return None
    unique = {key.columns[0] for key in keys if len(key.columns) == 1}
    loose = [
        _column_of(entity)
        for semantic in facts.semantics_of(model)
        for entity in semantic.entities or ()
        if entity.type in ("primary", "unique")
        and _column_of(entity).isidentifier()
        and folded(_column_of(entity)) not in unique
    ]
    if not loose:
        return None
    return Finding(
        points=5,
        message=f"{listed(loose)} is a primary entity, but no test proves it unique",
        fix="make the entity's column the tested key, or test it for uniqueness",
        columns=tuple(loose),
    )


def _column_of(entity: SemanticElement) -> str:
    return entity.expr if isinstance(entity.expr, str) and entity.expr else entity.name
