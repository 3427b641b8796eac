"""What the commands share: the options that name artifacts and formats, and how output leaves."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from analytics_tools.artifacts import Project, Relation, find_relation, load_project
from analytics_tools.artifacts.loading import DEFAULT_TARGETS, load_around, load_late
from analytics_tools.errors import one_line
from analytics_tools.render.style import Style

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """The common options of one call."""

    manifest: Path | None
    catalog: Path | None
    run_results: Path | None
    format: str

    @property
    def folder(self) -> Path:
        """The folder that holds the manifest, or would; where a configuration is looked for."""
        if self.manifest is not None:
            return self.manifest if self.manifest.is_dir() else self.manifest.parent
        found = (target for target in DEFAULT_TARGETS if (target / "manifest.json").exists())
        return next(found, Path())

    @property
    def prefix(self) -> str:
        """The dbt project's folder below the current one, with a slash; empty when it isn't below.

        Files in a manifest are relative to the project, those in a code host's annotations to the
        repository.
        """
        folder = self.folder.resolve()
        project = folder.parent if folder.name == "target" else folder
        here = Path.cwd().resolve()
        if project == here or here not in project.parents:
            return ""
        return project.relative_to(here).as_posix() + "/"

    def load(self, companions: bool = True, outline: bool = False) -> Project:
        """Load the project the options name. Raises ArtifactError.

        Without `companions`, only those that were named are read; in `outline`, models are without
        columns and code.
        """
        return kept(
            load_project(
                self.manifest,
                catalog=self.catalog,
                run_results=self.run_results,
                companions=companions,
                outline=outline,
                warn=warn,
            )
        )

    def load_late(self, answer: Callable[[Project], T]) -> tuple[Project, T]:
        """Load the project for a question that looks at each model's columns about once."""
        return kept(
            load_late(
                answer,
                self.manifest,
                catalog=self.catalog,
                run_results=self.run_results,
                warn=warn,
            )
        )

    def load_around(self, name: str) -> tuple[Project, Relation]:
        """Load the project with the relation called `name`, and little else, in full."""
        return kept(
            load_around(
                lambda project: find_relation(project, name),
                self.manifest,
                catalog=self.catalog,
                run_results=self.run_results,
                warn=warn,
            )
        )


_kept: list[object] = []


def kept(thing: T) -> T:
    """Return `thing`, which then stays to the end: taking a large project apart costs time."""
    _kept[:] = [thing]
    return thing


def common_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the common options; the command gets them as one `options` argument.

    Args:
        formats: what --format accepts, the default first.
    """
    path = click.Path(path_type=Path)
    where = "default: target/ or analytics/target/ below the current folder"

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--manifest", type=path, help=f"manifest.json, or its folder ({where}).")
        @click.option("--catalog", type=path, help="catalog.json (default: beside the manifest).")
        @click.option("--run-results", type=path, help="run_results.json (default: likewise).")
        @click.option(
            "--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True
        )
        @click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
        @functools.wraps(command)
        def wrapped(
            manifest: Path | None,
            catalog: Path | None,
            run_results: Path | None,
            format_: str,
            as_json: bool,
            **arguments: Any,
        ) -> Any:
            chosen = "json" if as_json else format_
            return command(Options(manifest, catalog, run_results, chosen), **arguments)

        return wrapped

    return decorate


def warn(message: str) -> None:
    """Print one line of warning to stderr."""
    click.echo(f"warning: {one_line(message)}", err=True)


def version() -> str:
    """Return this package's version; empty when it runs from a bare folder."""
    from importlib import metadata

    try:
        return metadata.version("dbt-analytics-tools")
    except metadata.PackageNotFoundError:
        return ""


def style() -> Style:
    """Return the style for stdout: colour on a terminal that has it, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(colour=sys.stdout.isatty() and not plain)


def write(text: str) -> None:
    """Write an answer to stdout. A reader that has gone (`| head`) is no error."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="replace")  # a terminal that can't show a letter shows a question mark
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at the end; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
