"""From two versions of a project, and what their runs left, to a review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code
from analytics_tools.changes import Changes, changes_between
from analytics_tools.changes.deferred import undeferred
from analytics_tools.changes.side import Side
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.memory import Memory
from analytics_tools.review.answer import BuildResult, DataDiff, Review, Scope, TestChange
from analytics_tools.review.comparison import Sides, compare, keys_of
from analytics_tools.review.consumers import consumers_of, contacts_of
from analytics_tools.review.masking import Masks
from analytics_tools.review.picture import picture_of
from analytics_tools.review.runs import BUILT, Run, build_result
from analytics_tools.review.schema import Tables, schema_changes
from analytics_tools.review.scores import score_change
from analytics_tools.review.tests import test_changes
from analytics_tools.review.verdict import Facts, reasons_of, verdict_of
from analytics_tools.review.warehouse import Warehouse
from analytics_tools.score import Rule, ScoreSettings

_BUILT_KINDS = ("model.", "seed.", "snapshot.")
_QUIET = frozenset(("cosmetic", "docs", "none", "same_data"))


@dataclass(frozen=True)
class State:
    """One side: the project, its code, and what its run did."""

    project: Project
    code: Code
    run: Run = field(default_factory=Run)


@dataclass(frozen=True)
class Limits:
    """How far data is compared: up to `rows` rows, and any number for the nodes in `always`."""

    rows: int = 5_000_000
    always: frozenset[str] = frozenset()


NOTHING = Changes(
    nodes=(), rebuild=(), unchanged=(), tests=(), breaks=(), selection=(), unread={}, counts={}
)


def review_of(
    base: State | None,
    head: State,
    settings: ScoreSettings,
    rules: tuple[Rule, ...],
    *,
    warehouse: Warehouse | None = None,
    limits: Limits | None = None,
    memory: Memory | None = None,
) -> Review:
    """Review what head changes; without `base`, look at head alone.

    Args:
        settings, rules: those of the score, of head; both sides are scored by them.
        warehouse: holds the data of both sides.
        memory: of SQL read before.
    """
    if base is None:
        return _alone(head, settings, rules)
    code = undeferred(head.code, base.project, head.project)
    sides = Side(base.project, base.code), Side(head.project, code)
    changes = changes_between(*sides, memory)
    data = _data(changes, sides, warehouse, limits or Limits(), memory)
    rows = {one.unique_id: (one.rows_before, one.rows_after) for one in data}
    runs = base.run, head.run
    facts = Facts(
        changes=changes,
        schema=schema_changes(base.project, head.project, changes, _tables(warehouse)),
        tests=test_changes(*sides, changes),
        score=score_change(base.project, head.project, changes.rebuild, settings, rules),
        build=build_result(base.project, head.project, head.code, runs, changes.rebuild, rows),
        data=data,
        base=sides[0],
        head=sides[1],
    )
    return _answer(facts, warehouse.notes if warehouse else ())


def _alone(head: State, settings: ScoreSettings, rules: tuple[Rule, ...]) -> Review:
    """Look at head where there is nothing to compare it with."""
    project = head.project
    score = score_change(None, project, (), settings, rules)
    build = build_result(None, project, head.code, (Run(), head.run), (), {})
    return _answer(Facts(NOTHING, (), (), score, build, (), None, Side(project, head.code)), ())


def _answer(facts: Facts, notes: tuple[str, ...]) -> Review:
    """Put the verdict, and whom it concerns, to what was found."""
    changes, head = facts.changes, facts.head.project
    base = facts.base.project if facts.base else head
    reasons = reasons_of(facts)
    failed = [one.unique_id for one in facts.build.failures]
    unbuilt = [uid for uid in failed if uid.startswith(_BUILT_KINDS)]
    consumers = consumers_of(changes, unbuilt, head)
    return Review(
        verdict=verdict_of(reasons),
        has_base=facts.base is not None,
        reasons=reasons,
        consumers=consumers,
        contacts=contacts_of(consumers, changes.breaks, changes, head),
        breaks=changes.breaks,
        nodes=changes.nodes,
        schema=facts.schema,
        tests=facts.tests,
        score=facts.score,
        build=facts.build,
        data=facts.data,
        scope=_scope(changes, head),
        picture=picture_of(changes, consumers, failed, head, base),
        unread=changes.unread,
        notes=notes,
        names=_names(changes, (base, head), facts.tests, facts.build),
    )


def _tables(warehouse: Warehouse | None) -> tuple[Tables, Tables]:
    if warehouse is None:
        return {}, {}
    return (
        {uid: place.table for uid, place in warehouse.base.items()},
        {uid: place.table for uid, place in warehouse.head.items()},
    )


def _data(
    changes: Changes,
    sides: tuple[Side, Side],
    warehouse: Warehouse | None,
    limits: Limits,
    memory: Memory | None,
) -> tuple[DataDiff, ...]:
    """Compare the rows of everything that can differ and stands in both warehouses."""
    if warehouse is None:
        return ()
    former = {n.unique_id: n.fields[0] for n in changes.nodes if n.change == "renamed" and n.fields}
    head = sides[1]
    projects = sides[0].project, head.project
    masks = Masks(projects, Lineages(head.project, head.code, "head", memory))
    found = []
    for uid in dict.fromkeys((*changes.rebuild, *sorted(limits.always))):
        old, new = warehouse.base.get(former.get(uid, uid)), warehouse.head.get(uid)
        if old is None or new is None:
            continue
        both = Sides(uid, head.project.relations[uid].label, old, new)
        most = None if uid in limits.always else limits.rows
        found.append(compare(warehouse, both, keys_of(uid, projects), masks, most))
    found.sort(key=lambda one: not one.differs)
    return tuple(found)


def _built(project: Project) -> tuple[str, ...]:
    return tuple(
        sorted(
            uid
            for uid, result in project.results.items()
            if uid.startswith(_BUILT_KINDS) and result.status in BUILT
        )
    )


def _scope(changes: Changes, head: Project) -> Scope:
    looks = tuple(
        node.unique_id
        for node in changes.nodes
        if set(node.changes) <= _QUIET and not node.unique_id.startswith(("test.", "macro."))
    )
    return Scope(
        rebuild=changes.rebuild,
        built=_built(head),
        kept=len(changes.unchanged),
        looks=looks,
        tests=len(changes.tests),
    )


def _names(
    changes: Changes,
    projects: Iterable[Project],
    tests: Iterable[TestChange],
    build: BuildResult,
) -> dict[str, str]:
    """Return what people call everything that the review mentions by its unique id."""
    wanted: dict[str, None] = dict.fromkeys(node.unique_id for node in changes.nodes)
    for broken in changes.breaks:
        wanted.update(dict.fromkeys((broken.unique_id, broken.upstream, *broken.hits)))
    for one in tests:
        wanted[one.on] = None
    wanted.update(dict.fromkeys((*changes.rebuild, *build.missing, *build.skipped)))
    known: dict[str, str] = {}
    for project in projects:
        for uid in wanted:
            known_as = project.nodes_by_id.get(uid)
            if known_as is not None:
                known[uid] = known_as.label
    return known
