"""`analytics-tools init`: the tools in a dbt project that exists."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command("init")
@click.option(
    "--project-dir",
    type=_PATH,
    help="Folder of dbt_project.yml (default: the current one, one above, or analytics/).",
)
@click.option("--manifest", type=_PATH, help="manifest.json (default: the project's target/).")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    help="Whose CI scores and reviews each change. Default: by the repository's files.",
)
@click.option("--hook", is_flag=True, help="Score before each commit, too, with pre-commit.")
@click.option(
    "--tools",
    help="How CI installs this package: a requirement, a URL, or the path of a wheel. "
    "Default: from where this one came.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    project_dir: Path | None,
    manifest: Path | None,
    ci: str | None,
    hook: bool,
    tools: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Set the tools up in a dbt project that exists.

    Writes the configuration, with layers guessed from the manifest; the score of today as a
    baseline, so that CI starts green; and the CI that scores and reviews each change. What is there
    stays as it is: called again, it writes what is missing.
    """
    from analytics_tools.adopt import plan_init
    from analytics_tools.adopt.ci import likely_ci
    from analytics_tools.adopt.plan import repository
    from analytics_tools.artifacts import load_project
    from analytics_tools.cli.common import warn, write
    from analytics_tools.render.adopt import adopted_json, adopted_text
    from analytics_tools.scaffold import write_all
    from analytics_tools.scaffold.dbt_project import find_project
    from analytics_tools.template import find_tools

    dbt = find_project(project_dir)
    project = load_project(manifest or dbt.root / dbt.target_path / "manifest.json", warn=warn)
    adopted = plan_init(
        dbt,
        project,
        ci=ci or likely_ci(repository(dbt.root)),
        hook=hook,
        tools=find_tools(tools),
    )
    if not dry_run:
        write_all(adopted.root, adopted.changes)
    write((adopted_json if as_json else adopted_text)(adopted, written=not dry_run))
