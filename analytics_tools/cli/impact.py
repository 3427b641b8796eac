"""`analytics-tools impact`."""

from __future__ import annotations

import click

from analytics_tools.artifacts import find_relation
from analytics_tools.cli.common import Options, common_options, style, write
from analytics_tools.impact import impact_of
from analytics_tools.render.impact import impact_text
from analytics_tools.render.json import impact_json


@click.command("impact")
@click.option(
    "--model",
    required=True,
    help="Where to start: a model (name, name.v2, unique id), seed, snapshot or source.table.",
)
@common_options("text", "json")
def command(options: Options, model: str) -> None:
    """Tell what stands downstream of a model.

    Models, snapshots, tests, semantic models, metrics, saved queries and exposures, by depth, each
    with a shortest way there; and first of all who has to be told.
    """
    project = options.load(companions=False)
    impact = impact_of(project, find_relation(project, model))
    if options.format == "json":
        write(impact_json(impact, project))
    else:
        write(impact_text(impact, style()))
