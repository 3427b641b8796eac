"""`analytics-tools diff`."""

from __future__ import annotations

from pathlib import Path

import click

from analytics_tools.artifacts import Catalog, file_in, load_project, read_catalog
from analytics_tools.cli.common import style, warn, write
from analytics_tools.diff import CatalogDiff, Side, diff_catalogs
from analytics_tools.errors import ArtifactError
from analytics_tools.render.diff import diff_text
from analytics_tools.render.json import diff_json

_PATH = click.Path(path_type=Path)


@click.command("diff")
@click.option("--source", type=_PATH, required=True, help="Before: catalog.json or its folder.")
@click.option("--target", type=_PATH, required=True, help="After: catalog.json or its folder.")
@click.option(
    "--manifest",
    type=_PATH,
    help="manifest.json of the newer side (default: beside each catalog). It tells the adapter "
    "and who reads what.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any"]),
    help="Exit with 1 when there is such a change.",
)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.pass_context
def command(
    ctx: click.Context,
    source: Path,
    target: Path,
    manifest: Path | None,
    fail_on: str | None,
    format_: str,
    as_json: bool,
) -> None:
    """Compare two catalogs: relations and columns.

    Each change is classed: additive, physical, positional or widening are safe for readers by
    name; narrowing, lossy, incompatible and unknown count as breaking.
    """
    diff = diff_catalogs(_side(source, None), _side(target, manifest))
    met = _is_met(diff, fail_on)
    if as_json or format_ == "json":
        write(diff_json(diff, fail_on, met))
    else:
        write(diff_text(diff, style(), fail_on, met))
    if not met:
        ctx.exit(1)


def _side(path: Path, manifest: Path | None) -> Side:
    """Load a catalog, and the manifest named or found beside it."""
    catalog = file_in(path, "catalog.json")
    beside = catalog.parent / "manifest.json"
    if manifest is None and not beside.exists():
        return Side(read_catalog(catalog))
    try:
        project = load_project(manifest or beside, catalog=catalog, warn=warn)
    except ArtifactError as error:
        if manifest is not None:
            raise
        side = Side(read_catalog(catalog))  # raises when it is the catalog that's broken
        warn(f"{error} (going on without it)")
        return side
    return Side(project.catalog or Catalog(), project)


def _is_met(diff: CatalogDiff, fail_on: str | None) -> bool:
    if fail_on == "any":
        return not diff.relations
    return fail_on != "breaking" or diff.breaking == 0
