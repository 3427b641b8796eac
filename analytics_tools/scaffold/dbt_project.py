"""What dbt_project.yml and the profile say: paths, and what folders give to the models in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.yaml_edit import load

FILE = "dbt_project.yml"


@dataclass(frozen=True)
class DbtProject:
    """A dbt project's folder and the settings we read; new files go to the first path of a kind."""

    root: Path
    name: str
    model_path: str = "models"
    yaml_paths: tuple[str, ...] = ("models", "snapshots")
    snapshot_path: str = "snapshots"
    target_path: str = "target"
    profile: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def given(self, kind: str, folder: str, key: str) -> Any:
        """Return what folders give: the innermost `+key` for a folder below the models path.

        Args:
            kind: models or snapshots.
            folder: relative to the project, such as ``models/marts/core``.
            key: materialized, group, access, contract, schema.
        """
        found = None
        for table in self._tables(kind, folder):
            value = table.get(f"+{key}", table.get(key))
            found = value if value is not None else found
        return found

    def _tables(self, kind: str, folder: str) -> Iterator[Mapping[str, Any]]:
        table = self.settings.get(kind)
        for step in (None, self.name, *folder.split("/")[1:]):
            table = table if step is None or table is None else table.get(step)
            if not isinstance(table, dict):
                return
            yield table


def find_project(named: Path | None = None) -> DbtProject:
    """Return the dbt project at `named`, or at, above or in `analytics/` below the current folder.

    Raises UsageError where there is none, or where it can't be read.
    """
    if named is not None:
        root = named.parent if named.name == FILE else named
        if not (root / FILE).is_file():
            raise UsageError(f"{named}: holds no {FILE}; name the folder of a dbt project")
        return _read(root)
    here = Path.cwd()
    for root in (here, here / "analytics", *here.parents):
        if (root / FILE).is_file():
            return _read(root)
    raise UsageError(f"no {FILE} here: run this inside a dbt project, or name it: --project-dir")


def _read(root: Path) -> DbtProject:
    path = root / FILE
    settings = load(read_text(path), str(path))
    if not isinstance(settings, dict) or not isinstance(settings.get("name"), str):
        raise UsageError(f"{path}: says no name of the project, so it is no dbt project's")
    models = _paths(settings, "model-paths", "source-paths", "models")
    snapshots = _paths(settings, "snapshot-paths", "", "snapshots")
    return DbtProject(
        root=root,
        name=settings["name"],
        model_path=models[0],
        snapshot_path=snapshots[0],
        yaml_paths=tuple(dict.fromkeys((*models, *snapshots))),
        target_path=_text(settings.get("target-path")) or "target",
        profile=_text(settings.get("profile")),
        settings=settings,
    )


def adapter_of(project: DbtProject) -> str:
    """Return the adapter of the profile's default target; empty where no profile says it."""
    named = os.environ.get("DBT_PROFILES_DIR")
    folders = [Path(named)] if named else [project.root, Path.home() / ".dbt"]
    for folder in folders:
        path = folder / "profiles.yml"
        if path.is_file():
            profile = load(read_text(path), str(path))
            profile = profile.get(project.profile) if isinstance(profile, dict) else None
            outputs = profile.get("outputs") if isinstance(profile, dict) else None
            if isinstance(profile, dict) and isinstance(outputs, dict):
                chosen = outputs.get(profile.get("target"), next(iter(outputs.values()), None))
                return _text(chosen.get("type")) if isinstance(chosen, dict) else ""
    return ""


def read_text(path: Path) -> str:
    """Return a file's text with its line ends as they are. Raises UsageError."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text") from None


def _paths(settings: Mapping[str, Any], key: str, older: str, default: str) -> list[str]:
    listed = settings.get(key) or settings.get(older)
    paths = [_text(path).strip("/") for path in listed] if isinstance(listed, list) else []
    return [path for path in paths if path] or [default]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
