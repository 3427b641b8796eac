"""The score on both sides, and the deductions that make the difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TypeVar

from msgspec.structs import replace

from analytics_tools.artifacts import Project
from analytics_tools.review.answer import DeductionChange, ModelScoreChange, ScoreChange
from analytics_tools.score import Rule, ScoreReport, ScoreSettings, score_project

T = TypeVar("T")


def score_change(
    base: Project | None,
    head: Project,
    rebuild: Collection[str],
    settings: ScoreSettings,
    rules: tuple[Rule, ...],
) -> ScoreChange:
    """Score both sides by head's settings.

    A run of CI builds a part of the project. What it did not build is in production as it was, so
    there the catalog and the run of base hold for head too. What only one of the sides knows of a
    relation counts on neither.
    """
    note = ""
    if base is not None:
        told = (base.catalog, base.run_results), (head.catalog, head.run_results)
        base, head = comparable(base, head, rebuild)
        if told != ((base.catalog, base.run_results), (head.catalog, head.run_results)):
            note = "catalog and run results count where both sides have them"
    after = score_project(head, settings=settings, rules=rules)
    if base is None:
        return ScoreChange(before=None, after=after.score, scored=len(after.models))
    before = score_project(base, settings=settings, rules=rules)
    return ScoreChange(
        before=before.score,
        after=after.score,
        scored=len(after.models),
        models=_models(before, after),
        deductions=_deductions(before, after),
        note=note,
    )


def comparable(base: Project, head: Project, rebuild: Collection[str]) -> tuple[Project, Project]:
    """Return both sides with a catalog and run results that tell of the same relations."""
    edited = frozenset(rebuild)
    catalogs = _evened(
        base.catalog.nodes if base.catalog else {}, head.catalog.nodes if head.catalog else {},
        edited, base, head,
    )  # fmt: skip
    sources = _evened(
        base.catalog.sources if base.catalog else {}, head.catalog.sources if head.catalog else {},
        edited, base, head,
    )  # fmt: skip
    results = _evened(dict(base.results), dict(head.results), edited, base, head)
    freshness = base.freshness and head.freshness
    sides = []
    for place, project in enumerate((base, head)):
        catalog = project.catalog or (base.catalog or head.catalog)
        run = project.run_results or (base.run_results or head.run_results)
        sides.append(
            dataclasses.replace(
                project,
                catalog=replace(catalog, nodes=catalogs[place], sources=sources[place])
                if catalog and (catalogs[place] or sources[place])
                else None,
                run_results=replace(run, results=tuple(results[place].values()))
                if run and results[place]
                else None,
                freshness=project.freshness if freshness else None,
            )
        )
    return sides[0], sides[1]


def _evened(
    before: dict[str, T], after: dict[str, T], edited: Collection[str], base: Project, head: Project
) -> tuple[dict[str, T], dict[str, T]]:
    """Return what both sides know, one filled from the other where nothing was edited."""
    if not before or not after:
        return {}, {}
    one, two = dict(before), dict(after)
    for uid, known in before.items():
        if uid not in after and uid in head.nodes_by_id:
            if _stands(uid, edited, head):
                two[uid] = known
            else:
                one.pop(uid)
    for uid in after:
        if uid not in before and uid in base.nodes_by_id:
            two.pop(uid)
    return one, two


def _stands(uid: str, edited: Collection[str], head: Project) -> bool:
    """Whether what base knows of a node, or of a test on one, holds for head as well."""
    return uid not in edited and not any(p in edited for p in head.parents.get(uid, ()))


def _models(before: ScoreReport, after: ScoreReport) -> tuple[ModelScoreChange, ...]:
    one = {model.unique_id: model for model in before.models}
    two = {model.unique_id: model for model in after.models}
    found = []
    for uid in sorted({*one, *two}):
        old, new = one.get(uid), two.get(uid)
        shown = new or old
        if shown and (old is None or new is None or old.score != new.score):
            found.append(
                ModelScoreChange(
                    unique_id=uid,
                    name=shown.name,
                    before=old.score if old else None,
                    after=new.score if new else None,
                )
            )
    return tuple(found)


def _deductions(before: ScoreReport, after: ScoreReport) -> tuple[DeductionChange, ...]:
    """Return deductions that differ, the dearest first; those of models that went are left out."""
    known = {m.unique_id: {d.rule: d for d in m.deductions} for m in before.models}
    found = []
    for model in after.models:
        was = known.get(model.unique_id, {})
        now = {d.rule: d for d in model.deductions}
        for rule in sorted({*now, *was}):
            old, new = was.get(rule), now.get(rule)
            points = old.points if old else 0, new.points if new else 0
            shown = new or old
            if points[0] == points[1] or shown is None:
                continue
            found.append(
                DeductionChange(
                    unique_id=model.unique_id, name=model.name, rule=rule, before=points[0],
                    after=points[1], message=shown.message, fix=shown.fix,
                )
            )  # fmt: skip
    found.sort(key=lambda one: (one.before - one.after, one.name, one.rule))
    return tuple(found)
