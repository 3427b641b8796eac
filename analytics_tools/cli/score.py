"""`analytics-tools score`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from analytics_tools.artifacts import Project, find_model
from analytics_tools.cli.common import Options, common_options, style, version, warn, write
from analytics_tools.configuration import read_baseline, read_configuration, section
from analytics_tools.layers import Layer
from analytics_tools.score import (
    Comparison,
    Rule,
    ScoreReport,
    ScoreSettings,
    compare_with,
    load_rules,
    score_project,
    settings_from,
)

_PATH = click.Path(path_type=Path)
_FORMATS = ("text", "json", "markdown", "sarif", "junit", "github", "badge")


@dataclass(frozen=True)
class _Answer:
    """What was scored, and what is asked of it."""

    report: ScoreReport
    rules: tuple[Rule, ...]
    fail_under: float | None
    baseline: Comparison | None

    @property
    def is_met(self) -> bool:
        """Whether every gate asked for is met: the score, each model's, and the baseline."""
        reached = self.fail_under is None or self.report.reaches(self.fail_under)
        return reached and not self.report.below and not (self.baseline and self.baseline.worse)


@click.command("score")
@click.option("--model", help="Explain one model: its name, name.v2 or unique id.")
@click.option(
    "--select",
    "selected",
    multiple=True,
    help="Models chosen as in dbt: names, paths, tag:x, config.materialized:view, +name, name+. "
    "Repeatable.",
)
@click.option("--exclude", multiple=True, help="Models to leave out, chosen likewise. Repeatable.")
@click.option(
    "--layer",
    "layers",
    multiple=True,
    type=click.Choice([layer.value for layer in Layer]),
    help="Only models of this layer, told by folder or prefix. Repeatable.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    help="Models of this package instead of the project's own. Repeatable.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Exit with 1 when the score shown first is below N: that of --model, else the mean.",
)
@click.option(
    "--baseline",
    type=_PATH,
    help="A score written with --json before: exit with 1 when anything is new or worse.",
)
@click.option(
    "--config",
    type=_PATH,
    help="A TOML file with [tool.analytics_tools.score] (default: the pyproject.toml at or above "
    "the manifest's folder).",
)
@common_options(*_FORMATS)
@click.pass_context
def command(
    ctx: click.Context,
    options: Options,
    model: str | None,
    selected: tuple[str, ...],
    exclude: tuple[str, ...],
    layers: tuple[str, ...],
    packages: tuple[str, ...],
    fail_under: float | None,
    baseline: Path | None,
    config: Path | None,
) -> None:
    """Score models from 0 to 100.

    Every model starts at 100; each deduction names its rule, its points, its evidence and the fix.
    An area (documentation, tests, conventions, governance, performance) deducts no more than its
    cap. The score of several models is the mean of theirs, each counted once and once more for
    every model downstream of it. `analytics-tools explain RULE` tells about a rule.
    """
    if model and (layers or packages or selected or exclude):
        raise click.UsageError("--model stands alone, without other ways to choose models", ctx)
    known = read_baseline(baseline) if baseline else None
    settings = settings_from(section(read_configuration(options.folder, config), "score"))
    rules = load_rules(settings.plugins)
    project, report = options.load_late(
        lambda project: score_project(
            project,
            model=find_model(project, model) if model else None,
            layers=[Layer(layer) for layer in layers],
            packages=packages,
            only=_only(project, selected, exclude, layers, packages, settings),
            settings=settings,
            rules=rules,
        )
    )
    report = _told(report, selected, exclude)
    least = settings.fail_under if fail_under is None and not model else fail_under
    answer = _Answer(report, rules, least, None if known is None else compare_with(report, known))
    write(_shown(answer, project, options))
    if not answer.is_met:
        ctx.exit(1)


def _told(report: ScoreReport, selected: tuple[str, ...], exclude: tuple[str, ...]) -> ScoreReport:
    """Warn of exemptions that don't hold; return the report with the selection's words in it."""
    for one in report.exemptions:
        if one.state != "applies":
            warn(f"{one.name}: the exemption from {one.rule} is not honoured: {one.state}")
    if not selected and not exclude:
        return report
    import msgspec

    words = " ".join((*selected, *(f"--exclude {word}" for word in exclude)))
    return msgspec.structs.replace(report, selection=words)


def _only(
    project: Project,
    selected: tuple[str, ...],
    exclude: tuple[str, ...],
    layers: tuple[str, ...],
    packages: tuple[str, ...],
    settings: ScoreSettings,
) -> frozenset[str] | None:
    """Return the models that --select and --exclude choose; None when neither is used."""
    if not selected and not exclude:
        return None
    from analytics_tools.selection import select

    words = selected or tuple(f"package:{name}" for name in packages or (project.name,))
    chosen = select(project, words, exclude)
    place = settings.conventions.place
    return frozenset(
        uid
        for uid, model in project.models.items()
        if uid in chosen
        and (not layers or place(model).layer in layers)
        and (not packages or model.package_name in packages)
    )


def _shown(answer: _Answer, project: Project, options: Options) -> str:
    """Return the answer in the format asked for; each is imported when it is used."""
    kind, report = options.format, answer.report
    if kind == "json":
        from analytics_tools.render.json import score_json

        return score_json(report, project, answer.fail_under, answer.is_met, answer.baseline)
    if kind == "markdown":
        from analytics_tools.render.score_markdown import score_markdown

        return score_markdown(report, answer.baseline)
    if kind in ("sarif", "junit", "github", "badge"):
        from analytics_tools.render import formats

        new = _only_new(report, answer.baseline)
        if kind == "sarif":
            return formats.score_sarif(new, answer.rules, options.prefix, version())
        if kind == "github":
            return formats.score_github(new, options.prefix)
        if kind == "junit":
            return formats.score_junit(report, answer.fail_under, answer.baseline)
        return formats.score_badge(report)
    from analytics_tools.render.score import score_text

    return score_text(report, style(), answer.fail_under, answer.baseline)


def _only_new(report: ScoreReport, baseline: Comparison | None) -> ScoreReport:
    """Return the report with those deductions alone that are new or worse than in the baseline."""
    if baseline is None:
        return report
    import msgspec

    new = {(one.unique_id, one.rule) for one in baseline.worse}
    models = tuple(
        msgspec.structs.replace(
            model, deductions=tuple(d for d in model.deductions if (model.unique_id, d.rule) in new)
        )
        for model in report.models
    )
    return msgspec.structs.replace(report, models=models)
