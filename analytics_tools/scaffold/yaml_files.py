"""The YAML that a project has on disk, which may be newer than its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics_tools.scaffold.dbt_project import DbtProject, read_text
from analytics_tools.scaffold.yaml_edit import load

_ENDINGS = {".yml", ".yaml"}


@dataclass(frozen=True)
class YamlFile:
    """A file of properties: its path in the project, its text, and what that says."""

    path: str
    text: str
    data: dict[str, Any]

    def entries(self, section: str) -> list[dict[str, Any]]:
        """Return the named entries of a section: models, sources, metrics, exposures."""
        listed = self.data.get(section)
        found = listed if isinstance(listed, list) else []
        return [e for e in found if isinstance(e, dict) and isinstance(e.get("name"), str)]

    def entry(self, section: str, name: str) -> dict[str, Any] | None:
        """Return the entry of that name; None where there is none."""
        return next((e for e in self.entries(section) if e["name"] == name), None)


def yaml_files(dbt: DbtProject, word: str) -> Iterator[YamlFile]:
    """Return the files of models and snapshots that hold a word, in order. Raises UsageError."""
    for folder in dbt.yaml_paths:
        for path in sorted((dbt.root / folder).rglob("*")):
            if path.suffix in _ENDINGS and path.is_file():
                text = read_text(path)
                data = load(text, str(path)) if word in text else None
                if isinstance(data, dict):
                    yield YamlFile(path.relative_to(dbt.root).as_posix(), text, data)


def file_with(dbt: DbtProject, section: str, name: str) -> YamlFile | None:
    """Return the file in which a section has an entry of that name."""
    found = (f for f in yaml_files(dbt, f"{section}:") if f.entry(section, name) is not None)
    return next(found, None)
