"""Which layer of a project a model belongs to, guessed from its folder and its name.

Layers are a convention, not a law: a project that follows another one gets no layer here, and what
needs a layer then keeps silent.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from analytics_tools.artifacts import Model


class Layer(enum.StrEnum):
    """The layers of dbt Labs' structure guide; bronze, silver and gold are counted to them."""

    STAGING = "staging"
    INTERMEDIATE = "intermediate"
    MARTS = "marts"


class Placement(NamedTuple):
    """Where a model stands: its layer, what the folder and the name each say, and in whose words.

    `is_medallion` models are counted to a layer, but the structure guide's rules for who may read
    whom are not theirs.
    """

    layer: Layer | None
    by_folder: Layer | None
    by_name: Layer | None
    is_medallion: bool


_FOLDERS = {
    "staging": Layer.STAGING,
    "stage": Layer.STAGING,
    "stg": Layer.STAGING,
    "intermediate": Layer.INTERMEDIATE,
    "int": Layer.INTERMEDIATE,
    "marts": Layer.MARTS,
    "mart": Layer.MARTS,
    "final": Layer.MARTS,
}
_MEDALLION = {"bronze": Layer.STAGING, "silver": Layer.INTERMEDIATE, "gold": Layer.MARTS}
PREFIXES = {
    "stg_": Layer.STAGING,
    "base_": Layer.STAGING,
    "int_": Layer.INTERMEDIATE,
    "dim_": Layer.MARTS,
    "fct_": Layer.MARTS,
    "fact_": Layer.MARTS,
    "bridge_": Layer.MARTS,
    "mart_": Layer.MARTS,
}
_MEDALLION_PREFIXES = {f"{name}_": layer for name, layer in _MEDALLION.items()}


@dataclass(frozen=True)
class Conventions:
    """Which folders and which prefixes stand for which layer, in lower case."""

    folders: Mapping[str, Layer]
    medallion: Mapping[str, Layer]
    prefixes: Mapping[str, Layer]

    def place(self, model: Model) -> Placement:
        """Guess where `model` stands: by the innermost folder that names a layer, or the name."""
        place = self._places.get(model.original_file_path.rpartition("/")[0])
        by_folder, medallion = place or self._by_folder(model)
        by_name = self.layer_in_name(model.name)
        if by_folder is None and medallion is not None:
            return Placement(medallion, medallion, by_name, is_medallion=True)
        is_medallion = by_folder is None and by_name is not None and not self.folders
        return Placement(by_folder or by_name, by_folder, by_name, is_medallion)

    def _by_folder(self, model: Model) -> tuple[Layer | None, Layer | None]:
        """Return what the model's folders say, in the words of the guide and of the medallion."""
        folders = [folder.lower() for folder in reversed(folders_of(model))]
        found = (
            next((self.folders[f] for f in folders if f in self.folders), None),
            next((self.medallion[f] for f in folders if f in self.medallion), None),
        )
        self._places[model.original_file_path.rpartition("/")[0]] = found
        return found

    @functools.cached_property
    def _places(self) -> dict[str, tuple[Layer | None, Layer | None]]:
        """What each folder says, kept, for many models lie in one."""
        return {}

    def layer_in_name(self, name: str) -> Layer | None:
        """Return the layer a prefix stands for, also behind a domain: ``core__stg_x``."""
        for part in name.lower().split("__"):
            # A prefix ends with an underscore: look up the few that the name could begin with.
            layer = self.prefixes.get(part[: part.find("_") + 1])
            if layer is not None:
                return layer
            for prefix in self.longer_prefixes:
                if part.startswith(prefix):
                    return self.prefixes[prefix]
        return None

    @functools.cached_property
    def longer_prefixes(self) -> tuple[str, ...]:
        """Prefixes with several underscores or none, which no single look-up finds."""
        return tuple(p for p in self.prefixes if p.find("_") != len(p) - 1)


def conventions_of(
    preset: str = "guess",
    added: Mapping[Layer, tuple[list[str], list[str]]] | None = None,
) -> Conventions:
    """Return the conventions of a preset with a project's own folders and prefixes added.

    Args:
        preset: ``dbt_labs``, ``medallion``, ``guess`` (both) or ``none``.
        added: folders and prefixes by layer.

    Raises:
        KeyError: there is no such preset.
    """
    folders, medallion, prefixes = {
        "guess": (_FOLDERS, _MEDALLION, PREFIXES),
        "dbt_labs": (_FOLDERS, {}, PREFIXES),
        "medallion": ({}, _MEDALLION, _MEDALLION_PREFIXES),
        "none": ({}, {}, {}),
    }[preset]
    more_folders, more_prefixes = dict(folders), dict(prefixes)
    for layer, (own_folders, own_prefixes) in (added or {}).items():
        more_folders.update({folder.lower(): layer for folder in own_folders})
        more_prefixes.update({prefix.lower(): layer for prefix in own_prefixes})
    return Conventions(more_folders, medallion, more_prefixes)


_GUESSED = conventions_of()


def place(model: Model) -> Placement:
    """Guess where `model` stands, by the conventions most projects follow."""
    return _GUESSED.place(model)


def folders_of(model: Model) -> tuple[str, ...]:
    """Return the folders between the models folder and the model's file, outermost first."""
    parts = model.original_file_path.replace("\\", "/").split("/")
    return tuple(parts[1:-1])
