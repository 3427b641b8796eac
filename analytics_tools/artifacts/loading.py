"""Where artifacts are found, and how a `Project` is loaded from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from analytics_tools.artifacts.companions import (
    read_catalog,
    read_freshness,
    read_run_results,
)
from analytics_tools.artifacts.late import decoder as with_late_columns
from analytics_tools.artifacts.late import read_late_catalog
from analytics_tools.artifacts.manifest import in_whole, read_manifest
from analytics_tools.artifacts.nodes import Relation
from analytics_tools.artifacts.outline import decoder as in_outline
from analytics_tools.artifacts.outline import in_full
from analytics_tools.artifacts.project import Project, project_of
from analytics_tools.artifacts.reading import UNUSUAL
from analytics_tools.errors import ArtifactError

T = TypeVar("T")
Warn = Callable[[str], None]

# Looked at in this order, from the current folder.
DEFAULT_TARGETS = (Path("target"), Path("analytics/target"))


def load_project(
    manifest: Path | None = None,
    *,
    catalog: Path | None = None,
    run_results: Path | None = None,
    companions: bool = True,
    without_catalog: bool = False,
    outline: bool = False,
    late: bool = False,
    warn: Warn = lambda _: None,
) -> Project:
    """Load a project from its artifacts.

    Args:
        manifest: the file, its `target/` folder or the project's; None looks in the current one.
        catalog, run_results: likewise; None takes the one beside the manifest, if there is one.
        companions: False reads no companion that wasn't named.
        without_catalog: leave the catalog alone, for those who have read it already.
        outline: leave out the columns and the code of models; `in_full` fetches those of a few.
        late: decode columns and compiled code when they are asked for, each time; `load_late` knows
            how to use it.
        warn: called with one line for whatever was passed over.

    Raises:
        ArtifactError: the manifest, or a companion that was named, can't be used.
    """
    path = file_in(manifest, "manifest.json") if manifest else default_manifest()
    decoder = in_outline if outline else with_late_columns if late else in_whole
    decoded, version, notes = read_manifest(path, decoder)
    if notes:
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        warn(f"{path}: not as expected, read as absent: {notes[0]}{more}")

    def companion(named: Path | None, name: str, read: Callable[[Path], T]) -> T | None:
        return _companion(named, path.parent / name if companions else None, name, read, warn)

    read = read_late_catalog if late else read_catalog
    return project_of(
        decoded,
        version,
        catalog=None if without_catalog else companion(catalog, "catalog.json", read),
        run_results=companion(run_results, "run_results.json", read_run_results),
        freshness=companion(None, "sources.json", read_freshness),
        notes=notes,
        path=str(path),
    )


def load_around(
    find: Callable[[Project], Relation],
    manifest: Path | None = None,
    *,
    catalog: Path | None = None,
    run_results: Path | None = None,
    warn: Warn = lambda _: None,
) -> tuple[Project, Relation]:
    """Load a project of which one relation is to be looked at closely.

    Args:
        find: picks the relation.
        manifest, catalog, run_results, warn: as for `load_project`.

    Returns:
        The project, in outline but for the relation and its children, with the relation's own table
        of the catalog; and the relation. Raises as `load_project` does.
    """
    project = load_project(
        manifest, run_results=run_results, without_catalog=True, outline=True, warn=warn
    )
    uid = find(project).unique_id
    try:
        below = [child for child, above in project.parents.items() if uid in above]
        nodes = in_full(project.nodes, (uid, *below))
    except UNUSUAL:  # the patient way knows what to do
        project = load_project(manifest, catalog=catalog, run_results=run_results, warn=warn)
        return project, find(project)
    beside = file_in(manifest, "manifest.json") if manifest else default_manifest()
    known = _companion(
        catalog, beside.parent / "catalog.json", "catalog.json",
        partial(read_catalog, only=(uid,)), warn,
    )  # fmt: skip
    project = replace(project, nodes=nodes, catalog=known)
    return project, project.relations[uid]


def load_late(
    answer: Callable[[Project], T],
    manifest: Path | None = None,
    *,
    catalog: Path | None = None,
    run_results: Path | None = None,
    warn: Warn = lambda _: None,
) -> tuple[Project, T]:
    """Load a project for a question that looks at the columns of each model about once.

    Args:
        answer: answers the question; called a second time when what it asks for has an odd shape.
        manifest, catalog, run_results, warn: as for `load_project`.

    Returns:
        The project, and the answer. Raises as `load_project` does.
    """
    load = partial(load_project, manifest, catalog=catalog, run_results=run_results, warn=warn)
    try:
        project = load(late=True)
        return project, answer(project)
    except UNUSUAL:  # the patient way knows what to do
        project = load()
        return project, answer(project)


def default_manifest() -> Path:
    """Return the manifest of the current folder. Raises ArtifactError when there is none."""
    for target in DEFAULT_TARGETS:
        if (target / "manifest.json").exists():
            return target / "manifest.json"
    raise ArtifactError(
        "no manifest.json in target/ or analytics/target/; run `dbt parse` in your project, "
        "or name one with --manifest"
    )


def file_in(path: Path, name: str) -> Path:
    """Return the artifact `name` that `path` means: a file, a target folder or a project folder."""
    if not path.is_dir():
        return path
    for candidate in (path / name, path / "target" / name):
        if candidate.is_file():
            return candidate
    raise ArtifactError(f"{path}: the folder holds neither {name} nor target/{name}")


def _companion(
    named: Path | None, beside: Path | None, name: str, read: Callable[[Path], T], warn: Warn
) -> T | None:
    """Read a companion: strictly when it was named, else only if it is there and sound."""
    if named is not None:
        return read(file_in(named, name))
    if beside is None or not beside.exists():
        return None
    try:
        return read(beside)
    except ArtifactError as error:
        warn(f"{error} (going on without it)")
        return None
