"""What a project configures of its score, in `[tool.analytics_tools.score]` of pyproject.toml."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics_tools.artifacts import Model
from analytics_tools.errors import UsageError
from analytics_tools.layers import Conventions, Layer, conventions_of

TABLE = "tool.analytics_tools.score"
# What rules compare with, and may be changed under `limits`.
LIMITS = {"view_chain": 5, "parents": 12, "view_readers": 6, "branches": 3}
_OVERRIDE_KEYS = {"layer", "path", "off", "points", "fail_under"}
_KEYS = {"off", "points", "fail_under", "limits", "preset", "layers", "plugins", "overrides"}


@dataclass(frozen=True)
class Override:
    """What holds for the models of a layer, or whose file matches a path with ``*``."""

    layer: str = ""
    path: str = ""
    off: frozenset[str] = frozenset()
    points: Mapping[str, int] = field(default_factory=dict)
    fail_under: float | None = None

    def holds_for(self, model: Model, layer: Layer | None) -> bool:
        """Whether the override speaks of the model."""
        if self.layer and self.layer != layer:
            return False
        file = model.original_file_path.replace("\\", "/")
        return not self.path or fnmatch.fnmatchcase(file, self.path)


@dataclass(frozen=True)
class ScoreSettings:
    """All of it; without a file, the defaults."""

    off: frozenset[str] = frozenset()
    points: Mapping[str, int] = field(default_factory=dict)
    fail_under: float | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: dict(LIMITS))
    conventions: Conventions = field(default_factory=conventions_of)
    plugins: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()

    def for_model(self, model: Model, layer: Layer | None) -> Override:
        """Return what holds for one model: the general settings, then each override in turn."""
        if not self.overrides:
            return self._general
        holding = [one for one in self.overrides if one.holds_for(model, layer)]
        if not holding:
            return self._general
        points, off, fail_under = dict(self.points), set(self.off), None
        for one in holding:
            points.update(one.points)
            off = (off | one.off) - {code for code in one.points if one.points[code]}
            fail_under = one.fail_under if one.fail_under is not None else fail_under
        return Override(off=frozenset(off), points=points, fail_under=fail_under)

    @functools.cached_property
    def _general(self) -> Override:
        return Override(off=self.off, points=self.points)

    def check_codes(self, codes: Collection[str]) -> None:
        """Raise UsageError when a rule is named that doesn't exist."""
        named = {*self.off, *self.points}
        for one in self.overrides:
            named |= {*one.off, *one.points}
        unknown = sorted(named - set(codes))
        if unknown:
            raise UsageError(f"[{TABLE}] names rules that don't exist: {', '.join(unknown)}")


def settings_from(table: Mapping[str, Any]) -> ScoreSettings:
    """Read the settings out of the decoded table. Raises UsageError, saying which key is wrong."""
    _only(table, _KEYS, TABLE)
    limits = _numbers(table.get("limits", {}), f"{TABLE}.limits")
    _only(limits, set(LIMITS), f"{TABLE}.limits")
    overrides = table.get("overrides", [])
    if not isinstance(overrides, list):
        raise UsageError(f"[[{TABLE}.overrides]] must be a list of tables")
    return ScoreSettings(
        off=frozenset(_names(table.get("off", []), f"{TABLE}.off")),
        points=_numbers(table.get("points", {}), f"{TABLE}.points"),
        fail_under=_score(table.get("fail_under"), f"{TABLE}.fail_under"),
        limits={**LIMITS, **limits},
        conventions=_conventions(table),
        plugins=tuple(_names(table.get("plugins", []), f"{TABLE}.plugins")),
        overrides=tuple(_override(one) for one in overrides),
    )


def _override(table: Any) -> Override:
    where = f"{TABLE}.overrides"
    if not isinstance(table, dict):
        raise UsageError(f"[[{where}]] must be a list of tables")
    _only(table, _OVERRIDE_KEYS, where)
    layer, path = table.get("layer", ""), table.get("path", "")
    if not isinstance(layer, str) or not isinstance(path, str) or not (layer or path):
        raise UsageError(f"[[{where}]] needs a layer or a path that says whom it holds for")
    if layer and layer not in list(Layer):
        raise UsageError(f"[[{where}]] has layer {layer!r}; it must be one of {', '.join(Layer)}")
    return Override(
        layer=layer,
        path=path,
        off=frozenset(_names(table.get("off", []), f"{where}.off")),
        points=_numbers(table.get("points", {}), f"{where}.points"),
        fail_under=_score(table.get("fail_under"), f"{where}.fail_under"),
    )


def _conventions(table: Mapping[str, Any]) -> Conventions:
    layers = table.get("layers", {})
    where = f"{TABLE}.layers"
    if not isinstance(layers, dict) or not all(isinstance(one, dict) for one in layers.values()):
        raise UsageError(f'[{where}] needs lines like staging = {{folders = ["raw_vault"]}}')
    _only(layers, set(Layer), where)
    added = {}
    for name, words in layers.items():
        _only(words, {"folders", "prefixes"}, f"{where}.{name}")
        folders = _names(words.get("folders", []), f"{where}.{name}.folders")
        prefixes = _names(words.get("prefixes", []), f"{where}.{name}.prefixes")
        added[Layer(name)] = (folders, prefixes)
    preset = table.get("preset", "guess")
    try:
        return conventions_of(preset, added)
    except (KeyError, TypeError):
        raise UsageError(
            f"{TABLE}.preset is {preset!r}; it must be guess, dbt_labs, medallion or none"
        ) from None


def _only(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise UsageError(
            f"[{where}] has the unknown key {unknown[0]!r}; it knows {', '.join(sorted(known))}"
        )


def _names(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{where} must be a list of strings")
    return value


def _numbers(value: Any, where: str) -> dict[str, int]:
    whole = isinstance(value, dict) and all(
        isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= 100
        for item in value.values()
    )
    if not whole:
        raise UsageError(f"[{where}] takes whole numbers from 0 to 100")
    numbers: dict[str, int] = value
    return numbers


def _score(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise UsageError(f"{where} must be a number from 0 to 100")
    return float(value)
