"""Runs the rules over models and adds up."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from analytics_tools.artifacts import Model, Project
from analytics_tools.errors import UsageError
from analytics_tools.layers import Layer
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import (
    CAPS,
    Area,
    AreaSum,
    Deduction,
    Evidence,
    Finding,
    ModelScore,
    ScoreReport,
)
from analytics_tools.score.registry import Rule, registered_rules


def score_project(
    project: Project,
    *,
    model: Model | None = None,
    layers: Collection[Layer] = (),
    packages: Collection[str] = (),
) -> ScoreReport:
    """Score the models of a project.

    Args:
        project: what to score.
        model: score this one only.
        layers: keep the models of these layers; empty keeps all.
        packages: score the models of these packages instead of the project's own.

    Raises:
        UsageError: the layers or packages hold no model.
    """
    facts = Facts(project)
    chosen, selection = _select(facts, model, layers, packages)
    rules = registered_rules()
    scores = [score_model(one, facts, rules) for one in chosen]
    scores.sort(key=lambda one: (one.score, -one.weight, one.unique_id))
    points = sum(one.score * one.weight for one in scores)
    weight = sum(one.weight for one in scores)
    return ScoreReport(
        score=(points * 10 // weight) / 10 if weight else None,
        points=points,
        weight=weight,
        selection=selection,
        left_out=len(project.models) - len(scores),
        models=tuple(scores),
    )


def score_model(model: Model, facts: Facts, rules: Iterable[Rule]) -> ModelScore:
    """Score one model: 100 minus what each area deducts."""
    found = [(rule, rule.check(model, facts)) for rule in rules]
    deductions = [_deduction(rule, finding, model) for rule, finding in found if finding]
    areas = tuple(_area_sum(area, deductions) for area in Area)
    return ModelScore(
        unique_id=model.unique_id,
        name=model.label,
        package=model.package_name,
        file=model.original_file_path,
        layer=facts.placements[model.unique_id].layer,
        score=100 - sum(area.deducted for area in areas),
        weight=facts.weights[model.unique_id],
        areas=areas,
        deductions=tuple(sorted(deductions, key=lambda d: (-d.points, d.rule))),
    )


def _deduction(rule: Rule, finding: Finding, model: Model) -> Deduction:
    return Deduction(
        rule=rule.code,
        title=rule.title,
        area=rule.area,
        points=min(finding.points, rule.points),
        message=finding.message,
        fix=finding.fix,
        evidence=Evidence(
            columns=finding.columns,
            nodes=finding.nodes,
            file=finding.file or model.original_file_path,
            line=finding.line,
        ),
    )


def _area_sum(area: Area, deductions: Iterable[Deduction]) -> AreaSum:
    found = sum(deduction.points for deduction in deductions if deduction.area is area)
    return AreaSum(area=area, found=found, cap=CAPS[area], deducted=min(found, CAPS[area]))


def _select(
    facts: Facts, model: Model | None, layers: Collection[Layer], packages: Collection[str]
) -> tuple[list[Model], str]:
    """Return the models to score and, in words, which they are."""
    if model is not None:
        return [model], f"model {model.label}"
    everything = [facts.project.models[uid] for uid in sorted(facts.project.models)]
    if packages:
        chosen = [one for one in everything if one.package_name in packages]
        words = "package " + ", ".join(sorted(packages))
        if not chosen:
            known = ", ".join(sorted({one.package_name for one in everything})) or "none"
            raise UsageError(f"no model is in {words}; the packages with models are: {known}")
    else:
        chosen = [one for one in everything if one.package_name == facts.project.name]
        words = f"project {facts.project.name}"
        if not chosen:
            chosen, words = everything, "all packages"
    if not layers:
        return chosen, words
    kept = [one for one in chosen if facts.placements[one.unique_id].layer in layers]
    named = ", ".join(sorted(layers))
    if chosen and not kept:
        raise UsageError(
            f"no model of {words} is in layer {named}; layers are told by folder (staging, "
            "intermediate, marts) or prefix (stg_, int_, dim_, fct_)"
        )
    return kept, f"{words}, layer {named}"
