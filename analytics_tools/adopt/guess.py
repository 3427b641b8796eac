"""Which folders and prefixes stand for which layer in a project, guessed from its models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.nodes import Seed, Source
from analytics_tools.layers import Conventions, Layer, conventions_of, folders_of

# Fewer models of one folder are no convention.
_FEWEST = 3
# Words that are not a preset's, and mean a layer wherever they are used.
_WORDS = {
    Layer.STAGING: (
        "src",
        "source",
        "sources",
        "raw",
        "raw_vault",
        "base",
        "landing",
        "clean",
        "l1",
    ),
    Layer.INTERMEDIATE: ("prep", "transform", "transformed", "work", "wrk", "tmp", "l2"),
    Layer.MARTS: (
        "d",
        "f",
        "rpt",
        "report",
        "reports",
        "reporting",
        "agg",
        "mrt",
        "dm",
        "obt",
        "l3",
    ),
}
_LAYER_OF = {word: layer for layer, words in _WORDS.items() for word in words}


@dataclass(frozen=True)
class Layers:
    """A project's own words for a layer, with what speaks for each."""

    folders: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """A preset, what it leaves to be said, and how many of the models have a layer then."""

    preset: str
    layers: Mapping[Layer, Layers]
    placed: int
    placed_by_preset: int
    models: int
    left: tuple[str, ...] = ()

    @property
    def table(self) -> dict[str, object]:
        """The guess as `[tool.analytics_tools.score]` decodes it."""
        layers = {
            str(layer): {"folders": list(words.folders), "prefixes": list(words.prefixes)}
            for layer, words in self.layers.items()
        }
        return {"preset": self.preset, "layers": layers}

    @property
    def toml(self) -> str:
        """The guess as TOML, with its reasons."""
        said = f"of {self.models} models it places {self.placed_by_preset}"
        lines = ["[tool.analytics_tools.score]", f'preset = "{self.preset}"  # {said}']
        for layer, words in self.layers.items():
            lines += ["", f"[tool.analytics_tools.score.layers.{layer}]"]
            for key, found in (("folders", words.folders), ("prefixes", words.prefixes)):
                if found:
                    lines.append(f"{key} = [")
                    lines += [f"    {json.dumps(word)},  # {why}" for word, why in found.items()]
                    lines.append("]")
        return "\n".join(lines) + "\n"


def guess_layers(project: Project) -> Guess:
    """Guess the layers of a project: of its own models, or of all where it has none."""
    everyone = list(project.models.values())
    models = [m for m in everyone if m.package_name == project.name] or everyone
    preset, conventions = _preset(models)
    left = [model for model in models if conventions.place(model).layer is None]
    found: dict[Layer, dict[str, dict[str, str]]] = {}
    left = _by_folder(project, left, found)
    left = _by_prefix(left, found)
    layers = {
        layer: Layers(found[layer].get("folders", {}), found[layer].get("prefixes", {}))
        for layer in Layer
        if layer in found
    }
    by_preset = sum(conventions.place(model).layer is not None for model in models)
    names = tuple(sorted(model.name for model in left))
    return Guess(preset, layers, len(models) - len(left), by_preset, len(models), names)


def _preset(models: Iterable[Model]) -> tuple[str, Conventions]:
    """The preset whose words the models use; both where they use both."""
    labs, medallion = conventions_of("dbt_labs"), conventions_of("medallion")
    used = Counter[str]()
    for model in models:
        by_labs, by_medallion = labs.place(model).layer, medallion.place(model).layer
        if by_labs and not by_medallion:
            used["dbt_labs"] += 1
        elif by_medallion and not by_labs:
            used["medallion"] += 1
    if used["dbt_labs"] and used["medallion"]:
        # A stray word of the other is no convention.
        rare, often = sorted(("dbt_labs", "medallion"), key=lambda name: used[name])
        preset = "guess" if used[rare] * 10 >= used[often] else often
    else:
        preset = next((name for name in ("dbt_labs", "medallion") if used[name]), "guess")
    return preset, conventions_of(preset)


Found = dict[Layer, dict[str, dict[str, str]]]


def _by_folder(project: Project, models: list[Model], found: Found) -> list[Model]:
    """Find layers of folders that no preset knows, outer ones first; return who is still left."""
    for depth in range(3):
        folders: dict[str, list[Model]] = {}
        for model in models:
            parts = folders_of(model)
            if len(parts) > depth:
                folders.setdefault(parts[depth].lower(), []).append(model)
        for folder, inside in sorted(folders.items()):
            layer, why = _role(project, folder, inside)
            if layer is not None:
                found.setdefault(layer, {}).setdefault("folders", {})[folder] = why
                models = [model for model in models if model not in inside]
    return models


def _role(project: Project, folder: str, models: list[Model]) -> tuple[Layer | None, str]:
    """The layer that a folder's name says, or that its models' place in the graph shows."""
    count = len(models)
    said = _LAYER_OF.get(folder)
    if said is not None and count >= _FEWEST:
        return said, f"{count} models, by its name"
    if count < _FEWEST:
        return None, ""
    raw = sum(_reads_raw(project, model) for model in models)
    last = sum(_is_last(project, model) for model in models)
    if raw * 5 >= count * 4 and last * 5 <= count:
        return Layer.STAGING, f"{raw} of {count} models read sources"
    if last * 5 >= count * 3 and raw * 5 <= count:
        return Layer.MARTS, f"no model reads {last} of {count}"
    return None, ""


def _reads_raw(project: Project, model: Model) -> bool:
    parents = [project.nodes_by_id.get(uid) for uid in project.parents.get(model.unique_id, ())]
    return bool(parents) and all(isinstance(parent, Source | Seed) for parent in parents)


def _is_last(project: Project, model: Model) -> bool:
    children = project.children.get(model.unique_id, ())
    return bool(project.parents.get(model.unique_id)) and not any(
        child in project.models for child in children
    )


def _by_prefix(models: list[Model], found: Found) -> list[Model]:
    """Find prefixes that mean a layer wherever they are used."""
    words = Counter(model.name.lower().partition("_")[0] for model in models)
    for word, count in sorted(words.items()):
        layer = _LAYER_OF.get(word)
        if layer is not None and count >= _FEWEST:
            why = f"{count} models, by the word"
            found.setdefault(layer, {}).setdefault("prefixes", {})[f"{word}_"] = why
            begins: Callable[[Model], bool] = _beginning(word)
            models = [model for model in models if not begins(model)]
    return models


def _beginning(word: str) -> Callable[[Model], bool]:
    return lambda model: model.name.lower().startswith(f"{word}_")
