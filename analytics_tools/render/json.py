"""Answers as JSON documents that programs may rely on; docs/reference/json.md describes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from analytics_tools.artifacts import Project
from analytics_tools.diff import CatalogDiff
from analytics_tools.docs import Page
from analytics_tools.impact import Impact
from analytics_tools.score import Comparison, Rule, ScoreReport

# Goes up when a name goes or changes its meaning, not when one is added.
SCHEMA_VERSION = 1


def score_json(
    report: ScoreReport,
    project: Project,
    fail_under: float | None,
    met: bool,
    baseline: Comparison | None = None,
) -> str:
    """Return a score report as JSON."""
    body = {
        **_fields(report),
        "below": report.below,
        "baseline": None if baseline is None else _fields(baseline),
        "gate": {"fail_under": fail_under, "met": met},
    }
    return _document("score", project, body)


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
    return _document("explain", None, {"rules": told})


def impact_json(impact: Impact, project: Project) -> str:
    """Return an impact as JSON."""
    return _document("impact", project, _fields(impact))


def docs_json(page: Page, project: Project) -> str:
    """Return a page as JSON."""
    return _document("docs", project, _fields(page))


def written_json(project: Project, folder: str, written: int, unchanged: int, removed: int) -> str:
    """Return how many pages were written, as JSON."""
    body = {"folder": folder, "written": written, "unchanged": unchanged, "removed": removed}
    return _document("docs", project, body)


def diff_json(diff: CatalogDiff, fail_on: str | None, met: bool) -> str:
    """Return a catalog diff as JSON."""
    body = _fields(diff)
    for entry, relation in zip(body["relations"], diff.relations, strict=True):
        entry["breaking"] = relation.is_breaking
        for column, change in zip(entry["columns"], relation.columns, strict=True):
            column["breaking"] = change.effect.is_breaking
    body["breaking"] = diff.breaking
    return _document("diff", None, {**body, "gate": {"fail_on": fail_on, "met": met}})


def _fields(answer: msgspec.Struct) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(answer)
    return fields


def _document(command: str, project: Project | None, body: dict[str, Any]) -> str:
    head: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "command": command}
    if project is not None:
        head["project"] = {
            "name": project.name,
            "adapter": project.adapter,
            "dbt_version": project.dbt_version,
            "manifest_version": project.schema_version,
            "generated_at": project.generated_at,
            "has_catalog": project.catalog is not None,
            "has_run_results": project.run_results is not None,
        }
    encoded = msgspec.json.encode({**head, **body})
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
