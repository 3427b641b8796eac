"""`analytics-tools docs`."""

from __future__ import annotations

import click

from analytics_tools.artifacts import find_relation
from analytics_tools.cli.common import Options, common_options, write
from analytics_tools.docs import page_of
from analytics_tools.render.docs import docs_markdown
from analytics_tools.render.json import docs_json


@click.command("docs")
@click.option(
    "--model",
    required=True,
    help="What to document: a model (name, name.v2, unique id), seed, snapshot or source.table.",
)
@common_options("markdown", "json")
def command(options: Options, model: str) -> None:
    """Write the page of a model, as Markdown.

    Description, grain, owner, columns with types and tests, lineage as a Mermaid graph, tests with
    their last result, metrics and exposures on it, and a query to begin with.
    """
    project = options.load()
    page = page_of(project, find_relation(project, model))
    write(docs_json(page, project) if options.format == "json" else docs_markdown(page))
