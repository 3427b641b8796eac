"""Where a new model goes, and what its project demands there: contract, group, access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.errors import UsageError
from analytics_tools.layers import Layer
from analytics_tools.scaffold.house import House, folder_of, shared
from analytics_tools.scaffold.parents import Parent
from analytics_tools.scaffold.yaml_files import yaml_files
from analytics_tools.words import listed


@dataclass(frozen=True)
class Demands:
    """What holds for a model of a folder.

    `writes_contract`, `group` and `access` are to be written beside the model; what dbt_project.yml
    gives to the folder is not said again.
    """

    contract: bool = False
    writes_contract: bool = False
    group: str = ""
    access: str = ""
    is_public: bool = False
    lacks_group: bool = False
    says_grain: bool = True
    says_types: bool = False


def demands_of(house: House, layer: Layer, folder: str, group: str = "") -> Demands:
    """Return what a folder's configuration and the models around demand."""
    given = {key: house.dbt.given("models", folder, key) for key in ("contract", "group", "access")}
    around = house.of_layer(layer)
    beside = [model for model in around if folder_of(model) == folder]
    contract = _is_enforced(given["contract"])
    writes_contract = contract is None and _most(m.has_contract for m in around)
    own_group = _checked(house, group) if group else ""
    if not own_group and not given["group"]:
        own_group = shared(_group(model) for model in beside) or ""
    access = "" if given["access"] else shared(_access(model) for model in beside) or ""
    grouped = _most(bool(_group(model)) for model in around)
    return Demands(
        contract=bool(contract) or writes_contract,
        writes_contract=writes_contract,
        group=own_group if own_group != given["group"] else "",
        access=access if access != "protected" else "",
        is_public="public" in (given["access"], access),
        lacks_group=grouped and not own_group and not given["group"],
        says_grain=not house.models or any("grain" in meta_of(m) for m in house.models),
        says_types=_most(any(c.data_type for c in m.columns.values()) for m in around),
    )


def placed(
    house: House, name: str, layer: str, folder: str, parents: list[Parent]
) -> tuple[Layer, str]:
    """Return the layer of a new model and its folder. Raises UsageError where it can't be told."""
    found = Layer(layer) if layer else house.conventions.layer_in_name(name) or _of(house, folder)
    if found is None:
        raise UsageError(
            f"the name {name} doesn't say its layer: give --layer {', '.join(Layer)}, or begin it "
            f"with {listed([p for p in map(house.prefix, Layer) if p] or ['stg_', 'int_', 'fct_'])}"
        )
    if found == Layer.STAGING:
        raise UsageError(f"{name}: a staging model is made by `analytics-tools add source`")
    return found, _folder(house, found, folder.strip("/"), parents)


def _of(house: House, folder: str) -> Layer | None:
    words = {**house.conventions.medallion, **house.conventions.folders}
    parts = [part.lower() for part in folder.split("/")]
    return next((words[part] for part in reversed(parts) if part in words), None)


def _folder(house: House, layer: Layer, folder: str, parents: list[Parent]) -> str:
    base, models = house.folder(layer), house.dbt.model_path
    if folder:
        if folder == models or folder.startswith(f"{models}/"):
            return folder
        return f"{models}/{folder}" if _of(house, folder) else f"{base}/{folder}"
    seen = Counter(folder_of(model) for model in house.of_layer(layer))
    here = sorted(name for name in seen if name == base or name.startswith(f"{base}/"))
    domain = PurePosixPath(parents[0].relation.original_file_path.replace("\\", "/")).parent.name
    if f"{base}/{domain}" in here:
        return f"{base}/{domain}"
    if not here:
        return base
    if len(here) == 1 or 2 * seen[base] > sum(seen.values()):
        return here[0] if len(here) == 1 else base
    names = [name.removeprefix(f"{base}/") for name in here if name != base]
    raise UsageError(f"{base} has several folders: say which with --folder, {listed(names, 12)}")


def _is_enforced(contract: object) -> bool | None:
    """What a folder says of contracts; None where it says nothing."""
    if isinstance(contract, dict):
        return contract.get("enforced") is True
    return contract if isinstance(contract, bool) else None


def _most(answers: Iterable[bool]) -> bool:
    found = list(answers)
    return sum(found) * 2 > len(found)


def _group(model: Model) -> str:
    return model.group or model.config.group or ""


def _access(model: Model) -> str:
    return model.access or model.config.access or ""


def _checked(house: House, group: str) -> str:
    names = {one.name for one in house.known.groups.values()}
    names |= {e["name"] for f in yaml_files(house.dbt, "groups:") for e in f.entries("groups")}
    if group not in names:
        raise UsageError(f"there is no group {group}; groups are {listed(sorted(names), 12)}")
    return group
