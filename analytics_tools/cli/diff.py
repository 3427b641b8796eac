"""`analytics-tools diff`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from analytics_tools.artifacts import Project, file_in, load_project, read_catalog
from analytics_tools.artifacts.loading import default_manifest
from analytics_tools.cli.common import style, warn, write
from analytics_tools.configuration import environment
from analytics_tools.diff import CatalogDiff, Side, declared_diff, diff_catalogs
from analytics_tools.errors import ArtifactError, UsageError

_PATH = click.Path(path_type=Path)


@click.command("diff")
@click.option("--source", help="Before: catalog.json, its folder, or the name of an environment.")
@click.option("--target", help="After: catalog.json, its folder, or the name of an environment.")
@click.option(
    "--declared",
    is_flag=True,
    help="Compare YAML with the catalog of one project instead: what was declared, what was built.",
)
@click.option(
    "--manifest",
    type=_PATH,
    help="manifest.json of the newer side (default: beside each catalog). It tells the adapter "
    "and who reads what.",
)
@click.option(
    "--catalog", type=_PATH, help="With --declared: the catalog (default: beside the manifest)."
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any"]),
    help="Exit with 1 when there is such a change.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.pass_context
def command(
    ctx: click.Context,
    source: str | None,
    target: str | None,
    declared: bool,
    manifest: Path | None,
    catalog: Path | None,
    fail_on: str | None,
    format_: str,
    as_json: bool,
) -> None:
    """Compare two catalogs: relations and columns.

    Each change is classed: additive, physical, positional or widening are safe for readers by
    name; narrowing, lossy, incompatible and unknown count as breaking. With a manifest it is told
    who uses the column, and how to make the change safely.
    """
    if declared:
        if source or target:
            raise click.UsageError("--declared compares one project: no --source or --target", ctx)
        diff = declared_diff(_declared_project(manifest, catalog))
    else:
        if not source or not target:
            missing = "--source" if not source else "--target"
            raise click.UsageError(f"Missing option '{missing}'", ctx)
        diff = diff_catalogs(_older(_path(source)), _newer(_path(target), manifest))
    met = _is_met(diff, fail_on)
    write(_shown(diff, "json" if as_json else format_, fail_on, met))
    if not met:
        ctx.exit(1)


def _shown(diff: CatalogDiff, kind: str, fail_on: str | None, met: bool) -> str:
    if kind == "json":
        from analytics_tools.render.json import diff_json

        return diff_json(diff, fail_on, met)
    if kind == "markdown":
        from analytics_tools.render.diff_markdown import diff_markdown

        return diff_markdown(diff)
    from analytics_tools.render.diff import diff_text

    return diff_text(diff, style(), fail_on, met)


def _path(text: str) -> Path:
    """Return the path that `text` is, or that the configuration calls so."""
    path = Path(text)
    if path.exists() or path.suffix == ".json" or len(path.parts) > 1:
        return path
    return environment(text, Path())


def _declared_project(manifest: Path | None, catalog: Path | None) -> Project:
    project = load_project(manifest or default_manifest(), catalog=catalog, warn=warn)
    if project.catalog is None:
        raise UsageError("--declared needs a catalog; run `dbt docs generate`, or give --catalog")
    return project


def _older(path: Path) -> Side:
    """Load a catalog; the manifest beside it is read when something asks for it."""
    catalog = read_catalog(file_in(path, "catalog.json"))
    return Side(catalog, partial(_project_beside, file_in(path, "catalog.json")))


def _project_beside(path: Path) -> Project | None:
    beside = path.parent / "manifest.json"
    if not beside.exists():
        return None
    try:
        return load_project(beside, without_catalog=True, warn=warn)
    except ArtifactError as error:
        warn(f"{error} (going on without it)")
        return None


def _newer(path: Path, manifest: Path | None) -> Side:
    """Load a catalog, and the manifest named or found beside it."""
    file = file_in(path, "catalog.json")
    catalog = read_catalog(file)
    if manifest is None:
        return Side(catalog, _project_beside(file))
    return Side(catalog, load_project(manifest, without_catalog=True, warn=warn))


def _is_met(diff: CatalogDiff, fail_on: str | None) -> bool:
    if fail_on == "any":
        return not diff.relations
    return fail_on != "breaking" or diff.breaking == 0
