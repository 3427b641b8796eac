"""Which layer of a project a model belongs to, guessed from its folder and its name.

Layers are a convention, not a law: a project that follows another one gets no layer here, and what
needs a layer then keeps silent.
"""

from __future__ import annotations

import enum
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


def folders_of(model: Model) -> tuple[str, ...]:
    """Return the folders between the models folder and the model's file, outermost first."""
    parts = model.original_file_path.replace("\\", "/").split("/")
    return tuple(parts[1:-1])


def place(model: Model) -> Placement:
    """Guess where `model` stands. The innermost folder that names a layer wins, then the name."""
    folders = [folder.lower() for folder in reversed(folders_of(model))]
    by_folder = next((_FOLDERS[f] for f in folders if f in _FOLDERS), None)
    by_name = _layer_in_name(model.name)
    if by_folder is None:
        medallion = next((_MEDALLION[f] for f in folders if f in _MEDALLION), None)
        if medallion is not None:
            return Placement(medallion, medallion, by_name, is_medallion=True)
    return Placement(by_folder or by_name, by_folder, by_name, is_medallion=False)


def _layer_in_name(name: str) -> Layer | None:
    """Return the layer a prefix in the name stands for, also behind a domain: ``core__stg_x``."""
    for part in name.lower().split("__"):
        for prefix, layer in PREFIXES.items():
            if part.startswith(prefix):
                return layer
    return None
