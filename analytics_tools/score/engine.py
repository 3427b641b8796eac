"""Runs the rules over models and adds up."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.errors import UsageError, one_line
from analytics_tools.layers import Layer
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import (
    CAPS,
    Area,
    AreaSum,
    Deduction,
    Evidence,
    Exemption,
    Finding,
    ModelScore,
    ScoreReport,
)
from analytics_tools.score.registry import Rule, registered_rules
from analytics_tools.score.settings import ScoreSettings

_OURS = "analytics_tools"


def score_project(
    project: Project,
    *,
    model: Model | None = None,
    layers: Collection[Layer] = (),
    packages: Collection[str] = (),
    only: Collection[str] | None = None,
    settings: ScoreSettings | None = None,
    rules: Iterable[Rule] | None = None,
) -> ScoreReport:
    """Score the models of a project.

    Args:
        project: what to score.
        model: score this one only.
        layers: keep the models of these layers; empty keeps all.
        packages: score the models of these packages instead of the project's own.
        only: keep the models with these unique ids, whatever their package; None keeps all.
        settings: what the project configures; None for the defaults.
        rules: those to run; None for all that are registered.

    Raises:
        UsageError: the layers or packages hold no model, the settings name a rule that doesn't
            exist, or a rule of somebody else's failed.
    """
    settings = settings or ScoreSettings()
    known = registered_rules() if rules is None else tuple(rules)
    codes = frozenset(rule.code for rule in known)
    settings.check_codes(codes)
    facts = Facts(project, settings)
    if only is None:
        chosen, selection = _select(facts, model, layers, packages)
    else:
        chosen = [project.models[uid] for uid in sorted(only) if uid in project.models]
        selection = "the selected models"
    speaking = _by_what_they_speak_of(known, facts)
    return _report([_scored(one, facts, speaking, codes) for one in chosen], selection, project)


def _report(
    scored: Iterable[tuple[ModelScore, list[Exemption]]], selection: str, project: Project
) -> ScoreReport:
    """Put the scores of models together: their mean, and each of them, worst first."""
    scores: list[ModelScore] = []
    exemptions: list[Exemption] = []
    for score, excused in scored:
        scores.append(score)
        exemptions += excused
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
        exemptions=tuple(exemptions),
    )


# The rules that speak of a model in a layer, without those that are off.
Speaking = Callable[[Model, Layer | None, frozenset[str]], tuple[Rule, ...]]


def _by_what_they_speak_of(rules: Collection[Rule], facts: Facts) -> Speaking:
    """Return what picks rules, and remembers it: models are of few kinds."""
    named = _named(rules, facts)

    @functools.cache
    def pick(
        layer: Layer | None, materialized: str, off: frozenset[str], bits: int
    ) -> tuple[Rule, ...]:
        return tuple(
            one
            for place, one in enumerate(rules)
            if one.code not in off
            and one.speaks_of(layer, materialized)
            and (one.among is None or bits >> place & 1)
        )

    def speaking(model: Model, layer: Layer | None, off: frozenset[str]) -> tuple[Rule, ...]:
        return pick(layer, model.materialized, off, named.get(model.unique_id, 0))

    return speaking


def _named(rules: Collection[Rule], facts: Facts) -> Mapping[str, int]:
    """Return the rules that tell beforehand in which models they can find something, by model.

    They are one integer, with a bit at each one's place.
    """
    named: dict[str, int] = {}
    for place, rule in enumerate(rules):
        try:
            uids = rule.among(facts) if rule.among else ()
        except Exception as error:
            _blame(rule, "the project", error)
            raise
        for uid in uids:
            named[uid] = named.get(uid, 0) | 1 << place
    return named


def _scored(
    model: Model, facts: Facts, speaking: Speaking, codes: frozenset[str]
) -> tuple[ModelScore, list[Exemption]]:
    """Score one model, 100 minus what each area deducts, and tell what it is excused from."""
    layer = facts.placements[model.unique_id].layer
    settings = facts.settings.for_model(model, layer)
    rules = speaking(model, layer, settings.off)
    deductions = _deductions(model, facts, rules, settings.points)
    exemptions: list[Exemption] = []
    asked = _ignored(model)
    if asked:
        exemptions = _exempt(model, deductions, asked, codes)
        excused = {one.rule for one in exemptions if one.state == "applies"}
        deductions = [one for one in deductions if one.rule not in excused]
    if len(deductions) > 1:
        deductions.sort(key=lambda d: (-d.points, d.rule))
    sums, deducted = _area_sums(tuple([(one.area, one.points) for one in deductions]))
    scored = ModelScore(
        unique_id=model.unique_id,
        name=model.label,
        package=model.package_name,
        file=model.original_file_path,
        layer=layer,
        score=100 - deducted,
        weight=facts.weights[model.unique_id],
        areas=sums,
        deductions=tuple(deductions),
        threshold=settings.fail_under,
    )
    return scored, exemptions


def _deductions(
    model: Model, facts: Facts, rules: Iterable[Rule], weights: Mapping[str, int]
) -> list[Deduction]:
    deductions: list[Deduction] = []
    rule = None
    try:
        for rule in rules:
            finding = rule.check(model, facts)
            if finding is not None:
                points = _points(finding.points, rule, weights)
                if points > 0:
                    deductions.append(_deduction(rule, finding, model, points))
    except Exception as error:
        if rule is not None:
            _blame(rule, model.unique_id, error)
        raise
    return deductions


def _blame(rule: Rule, what: str, error: Exception) -> None:
    """Raise UsageError for an error in somebody else's rule; one in ours is a bug."""
    module = rule.check.__module__
    if not module.startswith(f"{_OURS}."):
        told = f"{type(error).__name__}: {one_line(str(error))}"
        raise UsageError(f"rule {rule.code} ({module}) failed on {what}: {told}") from error


def _points(points: int, rule: Rule, weights: Mapping[str, int]) -> int:
    """Return what a finding costs: at most the rule's points, in proportion if reweighed."""
    points = min(points, rule.points)
    weight = weights.get(rule.code, rule.points)
    return points if weight == rule.points else -(-points * weight // rule.points)


def _deduction(rule: Rule, finding: Finding, model: Model, points: int) -> Deduction:
    return Deduction(
        rule=rule.code,
        title=rule.title,
        area=rule.area,
        points=points,
        message=finding.message,
        fix=finding.fix,
        evidence=Evidence(
            columns=finding.columns,
            nodes=finding.nodes,
            file=finding.file or model.original_file_path,
            line=finding.line,
        ),
    )


_NOTHING = {area: AreaSum(area=area, found=0, cap=CAPS[area], deducted=0) for area in Area}


@functools.lru_cache(maxsize=4096)
def _area_sums(points: tuple[tuple[Area, int], ...]) -> tuple[tuple[AreaSum, ...], int]:
    """Add up the points of deductions by area, and cap them; and add up what that makes."""
    found: dict[Area, int] = {}
    for area, one in points:
        found[area] = found.get(area, 0) + one
    sums = tuple(
        AreaSum(area=area, found=found[area], cap=nothing.cap,
                deducted=min(found[area], nothing.cap)) if area in found else nothing
        for area, nothing in _NOTHING.items()
    )  # fmt: skip
    return sums, sum(one.deducted for one in sums)


def _ignored(model: Model) -> dict[str, Any]:
    """Return what stands below `analytics_tools.ignore` in the model's meta, rule by rule."""
    own, set_ = model.meta, model.config.meta
    if not (own and _OURS in own) and not (set_ and _OURS in set_):
        return {}
    ours = meta_of(model).get(_OURS)
    ignored = ours.get("ignore") if isinstance(ours, dict) else None
    if isinstance(ignored, list | str):  # rules without a reason
        return {str(code): "" for code in ([ignored] if isinstance(ignored, str) else ignored)}
    return ignored if isinstance(ignored, dict) else {}


def _exempt(
    model: Model, deductions: list[Deduction], asked: dict[str, Any], codes: Collection[str]
) -> list[Exemption]:
    points = {one.rule: one.points for one in deductions}
    exemptions = []
    for key, value in sorted(asked.items(), key=lambda item: str(item[0])):
        code = str(key)
        reason = value.strip() if isinstance(value, str) else ""
        state = "applies" if code in points else "stale"
        if code not in codes:
            state = "no such rule"
        elif not reason:
            state = "no reason"
        exemptions.append(
            Exemption(
                unique_id=model.unique_id,
                name=model.label,
                rule=code,
                reason=reason,
                state=state,
                points=points.get(code, 0),
            )
        )
    return exemptions


def _select(
    facts: Facts, model: Model | None, layers: Collection[Layer], packages: Collection[str]
) -> tuple[list[Model], str]:
    """Return the models to score and, in words, which they are."""
    if model is not None:
        return [model], f"model {model.label}"
    everything = list(facts.project.models.values())
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
