"""What scoring answers: findings, deductions, and the sums they make."""

from __future__ import annotations

import enum

from analytics_tools.artifacts.nodes import Record


class Area(enum.StrEnum):
    """A side of quality. What is deducted in one area is capped, so that none drowns the others."""

    DOCUMENTATION = "documentation"
    TESTS = "tests"
    CONVENTIONS = "conventions"
    GOVERNANCE = "governance"
    PERFORMANCE = "performance"


# Adds up to 100: a model that fails everywhere scores 0, never less. One that nobody described and
# nothing tests is left with 30.
CAPS = {
    Area.DOCUMENTATION: 30,
    Area.TESTS: 40,
    Area.CONVENTIONS: 10,
    Area.GOVERNANCE: 10,
    Area.PERFORMANCE: 10,
}


class Finding(Record, frozen=True):
    """What a rule found in one model.

    `points` is what it costs; `message` says what is wrong, with names and counts; `fix` is the
    way out. `columns`, `nodes` (unique ids), `file` and `line` are the evidence.
    """

    points: int
    message: str
    fix: str
    columns: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None


class Evidence(Record, frozen=True):
    """Where to look: columns, nodes by unique id, and the file with its line where one is known."""

    columns: tuple[str, ...]
    nodes: tuple[str, ...]
    file: str
    line: int | None


class Deduction(Record, frozen=True):
    """A finding, with the rule that made it."""

    rule: str
    title: str
    area: Area
    points: int
    message: str
    fix: str
    evidence: Evidence


class AreaSum(Record, frozen=True):
    """One area's sum: `found` points of deductions, of which at most `cap` are `deducted`."""

    area: Area
    found: int
    cap: int
    deducted: int


class Exemption(Record, frozen=True):
    """A rule that a model is excused from, beside the model, in its meta.

    `state` is ``applies`` (the rule would deduct `points`), ``stale`` (it wouldn't any more),
    ``no reason`` (so it isn't honoured) or ``no such rule``.
    """

    unique_id: str
    name: str
    rule: str
    reason: str
    state: str
    points: int


class ModelScore(Record, frozen=True):
    """A model's score: 100 minus what each area deducts.

    `weight` is 1 plus the number of models downstream: how much the model counts in the total.
    `threshold` is the least that the configuration asks of the model, None when it asks nothing.
    """

    unique_id: str
    name: str
    package: str
    file: str
    layer: str | None
    score: int
    weight: int
    areas: tuple[AreaSum, ...]
    deductions: tuple[Deduction, ...]
    threshold: float | None = None

    @property
    def is_below(self) -> bool:
        """Whether the model scores less than the configuration asks of it."""
        return self.threshold is not None and self.score < self.threshold


class ScoreReport(Record, frozen=True):
    """The scores of the selected models, worst first, and their weighted mean.

    `score` is `points` / `weight`, cut (not rounded) to one decimal, or None without models;
    `points` is the sum of score times weight, `weight` the sum of weights. `selection` says in
    words which models were taken, `left_out` counts those that weren't.
    """

    score: float | None
    points: int
    weight: int
    selection: str
    left_out: int
    models: tuple[ModelScore, ...]
    exemptions: tuple[Exemption, ...] = ()

    def reaches(self, threshold: float) -> bool:
        """Whether the exact mean is at least `threshold`; true when there is nothing to score."""
        return self.weight == 0 or self.points >= threshold * self.weight

    @property
    def below(self) -> tuple[str, ...]:
        """The unique ids of models that score less than the configuration asks of them."""
        return tuple(model.unique_id for model in self.models if model.is_below)
