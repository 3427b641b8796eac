"""`analytics-tools changes`."""

from __future__ import annotations

from pathlib import Path

import click

from analytics_tools.cli.common import style, warn, write


@click.command("changes")
@click.option(
    "--base",
    required=True,
    type=click.Path(path_type=Path),
    help="What is: a target folder, or its manifest.json.",
)
@click.option(
    "--head",
    required=True,
    type=click.Path(path_type=Path),
    help="What will be: a target folder, or its manifest.json.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "selector"]),
    default="text",
    show_default=True,
    help="`selector` is what to give `dbt build --select`.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--fail-on", type=click.Choice(["breaks", "certain"]), help="End with exit code 1.")
def command(base: Path, head: Path, format_: str, as_json: bool, fail_on: str | None) -> int:
    """Tell what really changes between two versions of a project.

    For every node: nothing, looks only, columns added, values, types or rows that change, and why;
    what breaks and who stands on it; and what has to be built anew, which is less than everything
    downstream of an edited file.
    """
    from analytics_tools.artifacts import file_in, load_project
    from analytics_tools.artifacts.code import read_code
    from analytics_tools.changes import changes_between
    from analytics_tools.changes.deferred import undeferred
    from analytics_tools.changes.side import Side
    from analytics_tools.lineage.cache import cache_beside
    from analytics_tools.render.changes import (
        changes_json,
        changes_markdown,
        changes_selector,
        changes_text,
    )

    sides = []
    for folder in (base, head):
        path = file_in(folder, "manifest.json")
        sides.append(Side(load_project(path, warn=warn), read_code(path)))
    before, after = sides
    after = Side(after.project, undeferred(after.code, before.project, after.project))
    with cache_beside(file_in(head, "manifest.json")) as memory:
        changes = changes_between(before, after, memory)
    met = not any(one.certain or fail_on == "breaks" for one in changes.breaks) or not fail_on
    chosen = "json" if as_json else format_
    if chosen == "json":
        write(changes_json(changes, after.project, fail_on, met))
    elif chosen == "markdown":
        write(changes_markdown(changes))
    elif chosen == "selector":
        write(changes_selector(changes))
    else:
        write(changes_text(changes, style()))
    return 0 if met else 1
