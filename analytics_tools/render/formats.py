"""A score for machines that have a format of their own: SARIF, JUnit, GitHub, a badge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from analytics_tools.render.style import clean
from analytics_tools.score import Comparison, Deduction, ModelScore, Rule, ScoreReport
from analytics_tools.words import counted

# From so many points on a deduction is a warning, not a note.
_WARNING = 5
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def score_sarif(report: ScoreReport, rules: Iterable[Rule], prefix: str, version: str) -> str:
    """Return the deductions as SARIF 2.1.0, which code hosts show beside the lines they mean.

    Args:
        report: the scores.
        rules: those that ran.
        prefix: the dbt project's folder below the repository's, empty or ending with ``/``.
        version: this package's.
    """
    found = {one.rule for model in report.models for one in model.deductions}
    driver = {
        "name": "analytics-tools",
        "version": version,
        "rules": [
            {
                "id": rule.code,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.rationale or rule.title},
                "help": {"text": f"Fix: {rule.part('Fix') or rule.title}"},
                "properties": {"area": str(rule.area), "points": rule.points},
            }
            for rule in rules
            if rule.code in found
        ],
    }
    results = [_sarif(model, one, prefix) for model in report.models for one in model.deductions]
    run = {"tool": {"driver": driver}, "results": results}
    document = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _sarif(model: ModelScore, one: Deduction, prefix: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": prefix + _slashed(one.evidence.file)}}
    if one.evidence.line:
        place["region"] = {"startLine": one.evidence.line}
    return {
        "ruleId": one.rule,
        "level": "warning" if one.points >= _WARNING else "note",
        "message": {"text": f"{model.name}: {one.message}. Fix: {one.fix}."},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": model.unique_id}],
            }
        ],
        "partialFingerprints": {"modelAndRule/v1": f"{model.unique_id}:{one.rule}"},
        "properties": {"points": one.points},
    }


def score_junit(
    report: ScoreReport, fail_under: float | None, baseline: Comparison | None = None
) -> str:
    """Return a test case for each model and one for the mean.

    They fail when the command does: a model that scores less than the configuration asks of it, or
    that is worse than in the baseline; the mean when it is below `fail_under`.
    """
    worse = Counter(one.unique_id for one in baseline.worse) if baseline else Counter[str]()
    cases = [_case_of_mean(report, fail_under)]
    cases += [_case_of(model, worse[model.unique_id]) for model in report.models]
    failed = sum("<failure " in case for case in cases)
    head = f'<testsuite name="analytics-tools score" tests="{len(cases)}" failures="{failed}">'
    return (
        "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"
    )


def _case_of_mean(report: ScoreReport, fail_under: float | None) -> str:
    shown = "nothing" if report.score is None else f"{report.score:g} of 100"
    reason = ""
    if fail_under is not None and not report.reaches(fail_under):
        reason = f"{shown}, at least {fail_under:g} is asked"
    return _case("score", "mean of all models", reason, f"{report.selection}: {shown}")


def _case_of(model: ModelScore, worse: int) -> str:
    reasons = []
    if model.is_below:
        reasons.append(f"{model.score} of 100, at least {model.threshold:g} is asked")
    if worse:
        reasons.append(f"{counted(worse, 'deduction')} new or worse than in the baseline")
    told = "\n".join(f"-{d.points} {d.rule} {d.message} ({d.fix})" for d in model.deductions)
    return _case(model.layer or model.package, model.name, "; ".join(reasons), told)


def _case(group: str, name: str, reason: str, told: str) -> str:
    """Return a test case, failed where there is a reason."""
    head = f"classname={quoteattr(_xml(group))} name={quoteattr(_xml(name))}"
    body = escape(_xml(told))
    if reason:
        body = f"<failure message={quoteattr(reason)}>{body}</failure>"
    elif body:
        body = f"<system-out>{body}</system-out>"
    return f"  <testcase {head}>{body}</testcase>" if body else f"  <testcase {head}/>"


def score_github(report: ScoreReport, prefix: str) -> str:
    """Return workflow commands that GitHub shows as annotations of the files."""
    lines = []
    for model in report.models:
        for one in model.deductions:
            level = "warning" if one.points >= _WARNING else "notice"
            file = _property(prefix + _slashed(one.evidence.file))
            line = f",line={one.evidence.line}" if one.evidence.line else ""
            title = _property(f"{one.rule} -{one.points} {model.name}")
            message = _data(f"{one.message}. Fix: {one.fix}")
            lines.append(f"::{level} file={file}{line},title={title}::{message}")
    return "\n".join(lines) + "\n" * bool(lines)


def score_badge(report: ScoreReport, label: str = "dbt score") -> str:
    """Return a badge as SVG."""
    score = report.score
    text = "none" if score is None else f"{score:g}"
    colour = "#9f9f9f" if score is None else _colour(score)
    left, right = 8 * len(label) + 10, 8 * len(text) + 14
    name = escape(f"{label}: {text}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f"aria-label={quoteattr(f'{label}: {text}')}><title>{name}</title>"
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,sans-serif" font-size="12">'
        f'<text x="{left / 2:g}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{text}</text></g></svg>\n'
    )


def _colour(score: float) -> str:
    return "#3a9d23" if score >= 80 else "#b08800" if score >= 50 else "#c93c37"


def _slashed(path: str) -> str:
    return clean(path).replace("\\", "/")


def _data(text: str) -> str:
    """Return `text` as the message of a workflow command: nothing in it can begin another one."""
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _xml(text: str) -> str:
    """Return `text` without what XML 1.0 has no way to write."""
    return "".join(c if c == "\n" or c.isprintable() else "?" for c in text)
