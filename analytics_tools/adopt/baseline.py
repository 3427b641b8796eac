"""A project's score of today, as the baseline that its CI compares with."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.nodes import CodeNode
from analytics_tools.score import ScoreReport, ScoreSettings, load_rules, score_project


def baseline_of(project: Project, settings: ScoreSettings) -> tuple[str, ScoreReport]:
    """Return the baseline as JSON, and the score that it stands for.

    CI may only parse where you build, and some rules see more in one, some in the other. So the
    baseline holds the most points that a rule deducts with all artifacts, without companions, and
    without compiled code: whichever CI has, it is green.
    """
    rules = load_rules(settings.plugins)
    parsed = replace(project, catalog=None, run_results=None, freshness=None)
    worlds = (project, parsed, replace(parsed, nodes=_uncompiled(project)))
    reports = [score_project(world, settings=settings, rules=rules) for world in worlds]
    points: dict[str, dict[str, int]] = {}
    for report in reports:
        _add(points, report)
    lines = []
    for uid, deducted in sorted(points.items()):
        found = [{"rule": rule, "points": n} for rule, n in sorted(deducted.items())]
        lines.append(json.dumps({"unique_id": uid, "deductions": found}))
    models = ",\n".join(lines)
    text = f'{{"schema_version": 1, "command": "score", "models": [\n{models}\n]}}\n'
    return text, reports[0]


def _add(points: dict[str, dict[str, int]], report: ScoreReport) -> None:
    for model in report.models:
        known = points.setdefault(model.unique_id, {})
        for one in model.deductions:
            known[one.rule] = max(one.points, known.get(one.rule, 0))


def _uncompiled(project: Project) -> dict[str, CodeNode]:
    nodes: dict[str, CodeNode] = {}
    for uid, node in project.nodes.items():
        if isinstance(node, Model):
            nodes[uid] = msgspec.structs.replace(node, compiled_code=None, compiled_sql=None)
        else:
            nodes[uid] = node
    return nodes
