"""`analytics-tools score`."""

from __future__ import annotations

import click

from analytics_tools.artifacts import find_model
from analytics_tools.cli.common import Options, common_options, style, write
from analytics_tools.layers import Layer
from analytics_tools.render.json import score_json
from analytics_tools.render.score import score_text
from analytics_tools.score import score_project


@click.command("score")
@click.option("--model", help="Explain one model: its name, name.v2 or unique id.")
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
@common_options("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    options: Options,
    model: str | None,
    layers: tuple[str, ...],
    packages: tuple[str, ...],
    fail_under: float | None,
) -> None:
    """Score models from 0 to 100.

    Every model starts at 100; each deduction names its rule, its points, its evidence and the fix.
    An area (documentation, tests, conventions, governance, performance) deducts no more than its
    cap. The score of several models is the mean of theirs, each counted once and once more for
    every model downstream of it.
    """
    if model and (layers or packages):
        raise click.UsageError("--model stands alone, without --layer or --package", ctx)
    project = options.load()
    report = score_project(
        project,
        model=find_model(project, model) if model else None,
        layers=[Layer(layer) for layer in layers],
        packages=packages,
    )
    if options.format == "json":
        write(score_json(report, project, fail_under))
    else:
        write(score_text(report, style(), fail_under))
    if fail_under is not None and not report.reaches(fail_under):
        ctx.exit(1)
