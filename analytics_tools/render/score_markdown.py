"""A score report as Markdown, short enough for a comment or a job's summary."""

from __future__ import annotations

from analytics_tools.render.markdown import code, escape, row
from analytics_tools.score import Comparison, ModelScore, ScoreReport
from analytics_tools.words import counted

_MOST = 30


def score_markdown(report: ScoreReport, baseline: Comparison | None = None) -> str:
    """Return the score, what is worse than the baseline, and the models with deductions."""
    if report.score is None:
        return f"No models to score in {escape(report.selection)}.\n"
    parts = [
        f"## Score: {report.score:g} of 100",
        f"{counted(len(report.models), 'model')} of {escape(report.selection)}; "
        f"{report.points:,} points / {report.weight:,}, each model counted once and once more for "
        "every model downstream.",
    ]
    if baseline is not None:
        parts.append(_against(baseline))
    flawed = [model for model in report.models if model.deductions]
    if flawed:
        head = [row("Score", "Model", "Layer", "Why"), row("---:", "---", "---", "---")]
        parts.append("\n".join([*head, *map(_row, flawed[:_MOST])]))
    if len(flawed) > _MOST:
        parts.append(f"And {len(flawed) - _MOST} more with deductions.")
    if len(flawed) < len(report.models):
        parts.append(f"{counted(len(report.models) - len(flawed), 'model')} without any.")
    return "\n\n".join(parts) + "\n"


def _against(baseline: Comparison) -> str:
    gone = f"{counted(baseline.resolved, 'deduction')} fewer than in the baseline."
    if not baseline.worse:
        return f"Nothing new or worse than in the baseline; {gone}"
    lines = [
        f"- {code(one.name)} {one.rule}: -{one.points} (was -{one.before}), {escape(one.message)}"
        for one in baseline.worse[:_MOST]
    ]
    if len(baseline.worse) > _MOST:
        lines.append(f"- and {len(baseline.worse) - _MOST} more")
    return f"**New or worse: {len(baseline.worse)}**; {gone}\n\n" + "\n".join(lines)


def _row(model: ModelScore) -> str:
    why = "<br>".join(f"-{d.points} {d.rule}: {escape(d.message)}" for d in model.deductions)
    return row(str(model.score), code(model.name), model.layer or "", why)
