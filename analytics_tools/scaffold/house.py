"""The conventions of the project at hand: its layers' folders and prefixes, macros, YAML's form.

What the manifest shows most often is the convention; where it shows nothing, the configuration's
layers and then the house style of this template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TypeVar

from analytics_tools.artifacts import Model, Project, load_project
from analytics_tools.artifacts.nodes import Source
from analytics_tools.configuration import read_configuration, section
from analytics_tools.errors import UsageError
from analytics_tools.layers import Conventions, Layer
from analytics_tools.scaffold.dbt_project import DbtProject, adapter_of, find_project
from analytics_tools.scaffold.names import snake
from analytics_tools.scaffold.spelling import Spelling, spelling_of
from analytics_tools.score import settings_from

T = TypeVar("T")
_FOLDERS = {Layer.STAGING: "staging", Layer.INTERMEDIATE: "intermediate", Layer.MARTS: "marts"}
_MEDALLION = {Layer.STAGING: "bronze", Layer.INTERMEDIATE: "silver", Layer.MARTS: "gold"}
_PREFIXES = {Layer.STAGING: "stg_", Layer.INTERMEDIATE: "int_", Layer.MARTS: ""}


@dataclass(frozen=True)
class House:
    """A dbt project, what its artifacts tell, and how it does things."""

    dbt: DbtProject
    conventions: Conventions
    spelling: Spelling
    adapter: str
    project: Project | None = None

    @property
    def root(self) -> Path:
        return self.dbt.root

    @property
    def known(self) -> Project:
        """The artifacts. Raises UsageError where there are none."""
        if self.project is None:
            raise UsageError(
                f"{self.root / self.dbt.target_path}: holds no manifest.json; run `dbt parse` in "
                "the project first"
            )
        return self.project

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """The project's own models, not those of packages."""
        if self.project is None:
            return ()
        models = self.project.models.values()
        return tuple(model for model in models if model.package_name == self.dbt.name)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The project's own sources."""
        sources = self.project.sources.values() if self.project else ()
        return tuple(source for source in sources if source.package_name == self.dbt.name)

    def of_layer(self, layer: Layer) -> tuple[Model, ...]:
        """Return the project's own models of a layer."""
        return tuple(m for m in self.models if self.conventions.place(m).layer == layer)

    def folder(self, layer: Layer) -> str:
        """Return a layer's folder, relative to the project."""
        words = {**self.conventions.medallion, **self.conventions.folders}
        seen: Counter[str] = Counter()
        for model in self.of_layer(layer):
            parts = folder_of(model).split("/")
            for place, part in enumerate(parts):
                if words.get(part.lower()) == layer:
                    seen["/".join(parts[: place + 1])] += 1
        if seen:
            return most_common(seen)
        named = [word for word, one in words.items() if one == layer]
        there = [word for word in named if (self.root / self.dbt.model_path / word).is_dir()]
        medallion = bool(self.conventions.medallion) and not self.conventions.folders
        default = (_MEDALLION if medallion else _FOLDERS)[layer]
        chosen = there[0] if there else default if default in words or not named else named[0]
        return f"{self.dbt.model_path}/{chosen}"

    def prefix(self, layer: Layer) -> str:
        """Return how names of a layer begin: what most of its models show."""
        names = [model.name for model in self.of_layer(layer)]
        known = [p for p, one in self.conventions.prefixes.items() if one == layer]
        seen = Counter(p for name in names for p in known if name.startswith(p))
        if seen and 2 * max(seen.values()) >= len(names):
            return most_common(seen)
        if names:
            # A word of the project's own, such as bronze__.
            words = Counter(m.group() for name in names if (m := re.match(r"[a-z]+_+", name)))
            shared_by = max(words.values(), default=0)
            return most_common(words) if shared_by * 5 >= len(names) * 4 else ""
        return _PREFIXES[layer] if _PREFIXES[layer] in known or not known else known[0]

    def staging_name(self, source: str, table: str) -> str:
        """Return what the staging model of a source's table is called here."""
        prefix = self.prefix(Layer.STAGING)
        source, table = snake(source), snake(table)
        seen: Counter[int] = Counter()
        for model in self.of_layer(Layer.STAGING):
            for parent in self.known.parents.get(model.unique_id, ()):
                read = self.known.sources.get(parent)
                if read is not None:
                    names = _staging_names(prefix, snake(read.source_name), snake(read.name))
                    seen.update(place for place, n in enumerate(names) if n == model.name)
        return _staging_names(prefix, source, table)[most_common(seen) if seen else 0]

    def staging_folder(self, source: str) -> str:
        """Return where a source's staging models lie: a folder each, unless all lie in one."""
        layer = self.folder(Layer.STAGING)
        here = [folder_of(model) for model in self.of_layer(Layer.STAGING)]
        flat = sum(folder == layer for folder in here)
        return layer if flat * 2 > len(here) else f"{layer}/{snake(source)}"

    def has_macro(self, name: str, package: str = "") -> bool:
        """Whether a macro is there: in the project itself, or in a package."""
        macros = self.project.macros if self.project else {}
        return f"macro.{package or self.dbt.name}.{name}" in macros

    def uses(self, macro: str, layer: Layer) -> bool:
        """Whether half of a layer's models or more call one of the project's own macros."""
        uid = f"macro.{self.dbt.name}.{macro}"
        calls = [uid in (model.depends_on.macros or ()) for model in self.of_layer(layer)]
        return sum(calls) * 2 >= len(calls) > 0

    def tested_with(self, test: str, package: str) -> bool:
        """Whether the project can use a generic test of a package."""
        return self.has_macro(f"test_{test}", package)


def open_house(project_dir: Path | None = None, manifest: Path | None = None) -> House:
    """Learn a project's conventions. Raises UsageError or ArtifactError.

    Args:
        project_dir: the folder of dbt_project.yml; None looks for it.
        manifest: manifest.json, or its folder; None takes the project's own, if there is one.
    """
    dbt = find_project(project_dir)
    target = dbt.root / dbt.target_path
    there = manifest is not None or (target / "manifest.json").is_file()
    project = load_project(manifest or target) if there else None
    table = section(read_configuration(dbt.root), "score")
    return House(
        dbt=dbt,
        conventions=settings_from(table).conventions,
        spelling=spelling_of(project.dbt_version if project else _installed()),
        adapter=(project.adapter if project else "") or adapter_of(dbt),
        project=project,
    )


def folder_of(model: Model) -> str:
    """Return a model's folder, relative to its project."""
    return PurePosixPath(model.original_file_path.replace("\\", "/")).parent.as_posix()


def most_common(seen: Counter[T]) -> T:
    """Return what was seen most often; of several, the first in order."""
    return min(seen.items(), key=lambda one: (-one[1], str(one[0])))[0]


def shared(values: Iterable[T]) -> T | None:
    """Return what all values agree on; None where they differ, or where there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _staging_names(prefix: str, source: str, table: str) -> tuple[str, ...]:
    bare = table.removeprefix("raw_")
    return (
        f"{prefix}{source}__{table}",
        f"{prefix}{source}_{table}",
        f"{prefix}{table}",
        f"{prefix}{bare}",
    )


def _installed() -> str:
    """The version of dbt in this environment; empty where there is none."""
    try:
        return metadata.version("dbt-core")
    except metadata.PackageNotFoundError:
        return ""
