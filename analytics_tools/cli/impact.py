"""`analytics-tools impact`."""

from __future__ import annotations

from dataclasses import replace

import click

from analytics_tools.artifacts import Project, file_in, find_relation
from analytics_tools.artifacts.companions import read_run_results
from analytics_tools.artifacts.loading import default_manifest
from analytics_tools.cli.common import Options, common_options, style, warn, write
from analytics_tools.errors import ArtifactError
from analytics_tools.impact import impact_of
from analytics_tools.render.impact import impact_text
from analytics_tools.render.json import impact_json


def with_run_results(project: Project, options: Options) -> Project:
    """Return the project with the run results beside its manifest, if there are sound ones."""
    manifest = options.manifest
    path = file_in(manifest, "manifest.json") if manifest else default_manifest()
    beside = path.parent / "run_results.json"
    try:
        return (
            replace(project, run_results=read_run_results(beside)) if beside.exists() else project
        )
    except ArtifactError as error:
        warn(f"{error} (going on without it)")
        return project


@click.command("impact")
@click.option(
    "--model",
    required=True,
    help="Where to start: a model (name, name.v2, unique id), seed, snapshot or source.table.",
)
@click.option("--column", "columns", multiple=True, help="Only what this column reaches; repeat.")
@common_options("text", "json")
def command(options: Options, model: str, columns: tuple[str, ...]) -> None:
    """Tell what stands downstream of a model.

    Models, snapshots, tests, semantic models, metrics, saved queries and exposures, by depth, each
    with a shortest way there; and first of all who has to be told.
    """
    project = options.load(companions=False, outline=True) if not columns else options.load()
    if project.run_results is None:
        project = with_run_results(project, options)
    start = find_relation(project, model)
    if columns:
        from analytics_tools.cli.columns import reached_from

        columns, reached = reached_from(options, project, start, columns)
        impact = impact_of(project, start, columns, reached)
    else:
        impact = impact_of(project, start)
    if options.format == "json":
        write(impact_json(impact, project))
    else:
        write(impact_text(impact, style()))
