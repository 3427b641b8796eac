"""What is new or worse than when a baseline was written."""

from __future__ import annotations

from collections.abc import Mapping

from analytics_tools.artifacts.nodes import Record
from analytics_tools.score.model import ScoreReport


class Worsening(Record, frozen=True):
    """A rule that deducts more from a model than it did: `before` 0 means not at all."""

    unique_id: str
    name: str
    rule: str
    before: int
    points: int
    message: str


class Comparison(Record, frozen=True):
    """A report against its baseline: what is worse, and how many deductions are gone."""

    worse: tuple[Worsening, ...]
    resolved: int


def compare_with(report: ScoreReport, known: Mapping[tuple[str, str], int]) -> Comparison:
    """Compare a report with the points that each rule deducted from each model before."""
    scored = {model.unique_id for model in report.models}
    now = {
        (model.unique_id, one.rule): (model.name, one)
        for model in report.models
        for one in model.deductions
    }
    worse = tuple(
        Worsening(
            unique_id=uid,
            name=name,
            rule=rule,
            before=known.get((uid, rule), 0),
            points=one.points,
            message=one.message,
        )
        for (uid, rule), (name, one) in now.items()
        if one.points > known.get((uid, rule), 0)
    )
    resolved = sum(key not in now for key in known if key[0] in scored)
    return Comparison(worse=worse, resolved=resolved)
