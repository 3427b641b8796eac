"""A score report as text."""

from __future__ import annotations

from collections import defaultdict

from analytics_tools.render.style import Style, clean, table
from analytics_tools.score import Comparison, Deduction, ModelScore, ScoreReport
from analytics_tools.words import counted

# Models told in full when many are scored; the others get a line each.
_IN_FULL = 15


def score_text(
    report: ScoreReport,
    style: Style,
    fail_under: float | None = None,
    baseline: Comparison | None = None,
) -> str:
    """Return the report: the sum first, then models from worst to best, then what costs most."""
    if report.score is None:
        return f"No models to score in {clean(report.selection)}.\n"
    lines = _one(report.models[0], style) if len(report.models) == 1 else _many(report, style)
    lines += _exempted(report, style)
    if baseline is not None:
        lines += _against(baseline, style)
    if report.below:
        lines += [
            "",
            style(f"Below what the configuration asks of them: {len(report.below)}", "red"),
        ]
        lines += [f"  {m.score} of at least {m.threshold:g}  {clean(m.name)}"
                  for m in report.models if m.is_below]  # fmt: skip
    if fail_under is not None:
        met = report.reaches(fail_under)
        word = style("met", "green") if met else style("not met", "red")
        lines += ["", f"Gate: at least {fail_under:g}, {word}."]
    return "\n".join(lines) + "\n"


def _exempted(report: ScoreReport, style: Style) -> list[str]:
    """Return what models are excused from, and the reasons."""
    honoured = [one for one in report.exemptions if one.state == "applies"]
    if not honoured:
        return []
    rows = [(clean(one.name), one.rule, f"-{one.points}", clean(one.reason)) for one in honoured]
    return ["", style("Excused, with a reason:", "bold"), *table(rows, right=(2,))]


def _against(baseline: Comparison, style: Style) -> list[str]:
    """Return what is new or worse than in the baseline."""
    gone = f"{counted(baseline.resolved, 'deduction')} fewer"
    if not baseline.worse:
        return ["", f"{style('Nothing new or worse', 'green')} than in the baseline, {gone}."]
    rows = [
        (f"-{one.points}", f"was -{one.before}", one.rule, clean(one.name), clean(one.message))
        for one in baseline.worse
    ]
    head = style(f"New or worse than in the baseline: {len(rows)}", "red")
    return ["", f"{head}, {gone}.", *table(rows, right=(0,))]


def _one(model: ModelScore, style: Style) -> list[str]:
    """Tell one model in full."""
    where = f"{model.layer} · {clean(model.file)}" if model.layer else clean(model.file)
    head = f"{style(clean(model.name), 'bold')}  {_coloured(model.score, style)} of 100"
    lines = [f"{head}  {style(where, 'dim')}", f"  {_sum(model)}"]
    for deduction in model.deductions:
        lines += ["", *_deduction(deduction, style)]
    if not model.deductions:
        lines.append("  Nothing to deduct.")
    return lines


def _deduction(deduction: Deduction, style: Style) -> list[str]:
    line = f":{deduction.evidence.line}" if deduction.evidence.line else ""
    at = f"  {style(clean(deduction.evidence.file) + line, 'dim')}" if line else ""
    columns = deduction.evidence.columns
    # The message names the first few columns; one model told alone names them all.
    names = [f"          {clean(', '.join(columns))}"] if len(columns) > 6 else []
    return [
        f"  {style(f'{-deduction.points:>3}', 'yellow')} {deduction.rule}  "
        f"{clean(deduction.message)}{at}",
        *names,
        f"          {style('fix: ' + clean(deduction.fix), 'dim')}",
    ]


def _sum(model: ModelScore) -> str:
    """Return ``100 - 25 documentation - 20 tests = 55``, saying where a cap cut in."""
    parts = ["100"]
    for area in model.areas:
        if area.deducted:
            capped = f" (capped, found {area.found})" if area.found > area.cap else ""
            parts.append(f"- {area.deducted} {area.area}{capped}")
    return f"{' '.join(parts)} = {model.score}"


def _many(report: ScoreReport, style: Style) -> list[str]:
    flawed = [model for model in report.models if model.deductions]
    flawless = len(report.models) - len(flawed)
    score = report.score or 0.0
    lines = [
        f"{_coloured(score, style)} of 100 for {clean(report.selection)}, "
        f"{counted(len(report.models), 'model')}"
        + (f" ({report.left_out:,} others left out)" if report.left_out else ""),
        style(
            f"{report.points:,} points / {report.weight:,}: the mean of the scores, each counted "
            "1 + its models downstream",
            "dim",
        ),
        "",
    ]
    lines += _overview(flawed, style)
    if flawless:
        lines.append(f"{counted(flawless, 'model')} without any deduction.")
    lines += _dearest(report, style)
    lines += ["", style("One model, with every fix: analytics-tools score --model NAME", "dim")]
    return lines


def _overview(models: list[ModelScore], style: Style) -> list[str]:
    """Return a line for each model, and its deductions below it for the worst."""
    heads = table(
        [(str(m.score), clean(m.name), m.layer or "", _areas(m)) for m in models], right=(0,)
    )
    lines: list[str] = []
    for place, (model, head) in enumerate(zip(models, heads, strict=True)):
        lines.append(style(head, "bold") if place < _IN_FULL else head)
        if place < _IN_FULL:
            lines += [
                f"     {style(f'{-d.points:>3}', 'yellow')} {d.rule}  {clean(d.message)}"
                for d in model.deductions
            ]
    return lines


def _areas(model: ModelScore) -> str:
    return "  ".join(f"-{area.deducted} {area.area}" for area in model.areas if area.deducted)


def _dearest(report: ScoreReport, style: Style) -> list[str]:
    """Return the rules that cost most, with the models they hit, dearest first."""
    points: dict[str, int] = defaultdict(int)
    hits: dict[str, int] = defaultdict(int)
    example: dict[str, Deduction] = {}
    for model in report.models:
        for deduction in model.deductions:
            points[deduction.rule] += deduction.points * model.weight
            hits[deduction.rule] += 1
            example.setdefault(deduction.rule, deduction)
    if not points:
        return []
    order = sorted(points, key=lambda code: (-points[code], code))
    rows = [
        (code, counted(hits[code], "model"), f"-{points[code] / report.weight:.1f}",
         example[code].title)
        for code in order
    ]  # fmt: skip
    return ["", style("What costs most (before caps):", "bold"), *table(rows, right=(1, 2))]


def _coloured(score: float, style: Style) -> str:
    colour = "green" if score >= 80 else "yellow" if score >= 50 else "red"
    return style(f"{score:g}", "bold", colour)
