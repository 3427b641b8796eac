"""`analytics-tools docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from analytics_tools.artifacts import Project
from analytics_tools.cli.common import Options, common_options, write
from analytics_tools.docs import page_of
from analytics_tools.render.docs import docs_markdown
from analytics_tools.words import counted


@click.command("docs")
@click.option(
    "--model",
    help="What to document: a model (name, name.v2, unique id), seed, snapshot or source.table.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Document the whole project into this folder: an index, a page a relation, relationships, "
    "metrics, glossary, owners. Unchanged pages are not rewritten.",
)
@common_options("markdown", "json")
@click.pass_context
def command(ctx: click.Context, options: Options, model: str | None, out: Path | None) -> None:
    """Write the page of a model, as Markdown, or those of the whole project.

    Description, grain, owner, columns with types and tests, lineage as a Mermaid graph, tests with
    their last result, metrics and exposures on it, and a query to begin with.
    """
    if (model is None) == (out is None):
        raise click.UsageError("give --model for one page, or --out for all of them", ctx)
    if out is not None:
        write(_all(options.load(), out, options.format))
        return
    project, node = options.load_around(model or "")
    page = page_of(project, node)
    if options.format == "json":
        from analytics_tools.render.json import docs_json

        write(docs_json(page, project))
    else:
        write(docs_markdown(page))


def _all(project: Project, out: Path, kind: str) -> str:
    """Write the pages of the project; return what was done."""
    from analytics_tools.cli.tree import write_tree

    done = write_tree(out, _files(project))
    if kind == "json":
        from analytics_tools.render.json import written_json

        return written_json(project, str(out), *done)
    pages = counted(done.written + done.unchanged, "page")
    return (
        f"{pages} in {out}: {done.written} written, {done.unchanged} unchanged, "
        f"{done.removed} removed; begin with {out / 'index.md'}\n"
    )


def _files(project: Project) -> Iterator[tuple[str, str]]:
    from analytics_tools.docs.site import site_of
    from analytics_tools.render.site import page_file, site_files

    site = site_of(project)
    yield from site_files(site)
    paths = site.paths()
    for uid, path in paths.items():
        yield path, page_file(page_of(project, project.relations[uid]), path, paths)
