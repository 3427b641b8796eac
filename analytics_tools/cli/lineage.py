"""`analytics-tools lineage`."""

from __future__ import annotations

import click

from analytics_tools.cli.common import Options, common_options, style, write


@click.command("lineage")
@click.option("--model", help="A model, seed, snapshot or source.table; without it, all of them.")
@click.option("--column", help="Follow this column alone.")
@click.option("--downstream", is_flag=True, help="Follow it to its readers.")
@click.option("--upstream", is_flag=True, help="Follow it to its origins (the default).")
@common_options("text", "json", "mermaid")
def command(
    options: Options, model: str | None, column: str | None, downstream: bool, upstream: bool
) -> None:
    """Trace columns through SQL.

    For every column where it is taken from, and how: copied, renamed, cast, computed, aggregated;
    and which columns decide the rows. With --column the whole way through the project.
    """
    from analytics_tools.artifacts import file_in, find_relation
    from analytics_tools.artifacts.code import read_code
    from analytics_tools.artifacts.loading import default_manifest
    from analytics_tools.errors import UsageError
    from analytics_tools.lineage import Lineages
    from analytics_tools.lineage.ahead import read_ahead
    from analytics_tools.lineage.answer import answer_of
    from analytics_tools.lineage.cache import cache_beside
    from analytics_tools.render.lineage import lineage_json, lineage_mermaid, lineage_text

    if upstream and downstream:
        raise UsageError("--upstream and --downstream are two questions; ask one")
    if column and not model:
        raise UsageError("--column needs --model")
    path = file_in(options.manifest, "manifest.json") if options.manifest else default_manifest()
    project = options.load()
    start = find_relation(project, model) if model else None
    with cache_beside(path) as memory:
        lineages = Lineages(project, read_code(path), memory=memory)
        if start is None:
            read_ahead(lineages, memory, project.relations)
        answer = answer_of(lineages, start, column, downstream)
    if options.format == "json":
        write(lineage_json(answer, project))
    elif options.format == "mermaid":
        write(lineage_mermaid(answer))
    else:
        write(lineage_text(answer, style()))
