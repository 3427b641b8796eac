"""Answers as JSON documents that programs may rely on; docs/reference/json.md describes them."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_tools.artifacts import Project
from analytics_tools.diff import CatalogDiff
from analytics_tools.docs import Page
from analytics_tools.impact import Impact
from analytics_tools.render.document import document, fields
from analytics_tools.score import Comparison, Rule, ScoreReport


def score_json(
    report: ScoreReport,
    project: Project,
    fail_under: float | None,
    met: bool,
    baseline: Comparison | None = None,
) -> str:
    """Return a score report as JSON."""
    body = {
        **fields(report),
        "below": report.below,
        "baseline": None if baseline is None else fields(baseline),
        "gate": {"fail_under": fail_under, "met": met},
    }
    return document("score", project, body)


def rules_json(rules: Sequence[Rule]) -> str:
    """Return rules, as they explain themselves, as JSON."""
    told = [
        {
            "code": rule.code,
            "area": rule.area,
            "points": rule.points,
            "title": rule.title,
            "rationale": rule.rationale,
            "bad": rule.part("Bad"),
            "good": rule.part("Good"),
            "fix": rule.part("Fix"),
        }
        for rule in rules
    ]
    return document("explain", None, {"rules": told})


def impact_json(impact: Impact, project: Project) -> str:
    """Return an impact as JSON."""
    return document("impact", project, fields(impact))


def docs_json(page: Page, project: Project) -> str:
    """Return a page as JSON."""
    return document("docs", project, fields(page))


def written_json(project: Project, folder: str, written: int, unchanged: int, removed: int) -> str:
    """Return how many pages were written, as JSON."""
    body = {"folder": folder, "written": written, "unchanged": unchanged, "removed": removed}
    return document("docs", project, body)


def diff_json(diff: CatalogDiff, fail_on: str | None, met: bool) -> str:
    """Return a catalog diff as JSON."""
    body = fields(diff)
    for entry, relation in zip(body["relations"], diff.relations, strict=True):
        entry["breaking"] = relation.is_breaking
        for column, change in zip(entry["columns"], relation.columns, strict=True):
            column["breaking"] = change.effect.is_breaking
    body["breaking"] = diff.breaking
    return document("diff", None, {**body, "gate": {"fail_on": fail_on, "met": met}})
