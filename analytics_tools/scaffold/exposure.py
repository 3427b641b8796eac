"""`add exposure`: who reads what outside of dbt, and whom to tell before it changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics_tools.artifacts import Model, find_relation
from analytics_tools.artifacts.nodes import Metric, Source
from analytics_tools.errors import UnknownNodeError, UsageError
from analytics_tools.layers import Layer
from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.describing import harmless
from analytics_tools.scaffold.house import House, most_common, shared
from analytics_tools.scaffold.names import check_name, sentence, spoken
from analytics_tools.scaffold.writing import check_free
from analytics_tools.scaffold.yaml_edit import append
from analytics_tools.scaffold.yaml_files import YamlFile, yaml_files
from analytics_tools.scaffold.yaml_text import dump

_OWNER = re.compile(
    r"\s*(?P<name>[^<>@]*?)\s*(?:<(?P<in>[^<>\s]+@[^<>\s]+)>|(?P<bare>\S+@\S+))?\s*"
)


@dataclass(frozen=True)
class WantedExposure:
    """What was asked for. An owner is ``Name <mail>`` or one of both; empty: the models' owner."""

    name: str
    depends_on: tuple[str, ...]
    type: str = "dashboard"
    maturity: str = "medium"
    owner: str = ""
    label: str = ""
    description: str = ""
    url: str = ""


def plan_exposure(house: House, wanted: WantedExposure) -> Added:
    """Return the file with the new exposure. Raises UsageError."""
    name = check_name("exposure", wanted.name)
    if not wanted.depends_on:
        raise UsageError("say what it reads: --depends-on MODEL, or metric:NAME")
    if wanted.url and not re.match(r"https?://\S+$", wanted.url):
        raise UsageError(f"{wanted.url}: is no address that begins with http:// or https://")
    known = {e.name: e.original_file_path for e in house.known.exposures.values()}
    files = [f for f in yaml_files(house.dbt, "exposures:") if f.entries("exposures")]
    known |= {e["name"]: f.path for f in files for e in f.entries("exposures")}
    if name in known:
        raise UsageError(f"the exposure {name} is there already, in {known[name]}")
    read = [_found(house, one) for one in wanted.depends_on]
    label = wanted.label or sentence(spoken(name))
    entry: dict[str, Any] = {
        "name": name,
        "label": label,
        "type": wanted.type,
        "maturity": wanted.maturity,
        "description": harmless(wanted.description) or _described(wanted, read),
    }
    if wanted.url:
        entry["url"] = wanted.url
    entry["owner"] = _owner(house, wanted, read)
    entry["depends_on"] = [_written(node) for node in read]
    change = _change(house, files, entry)
    notes = tuple(_notes(house, read))
    return Added("exposure", name, (change,), notes=notes, next=f"dbt ls --select +exposure:{name}")


def _found(house: House, named: str) -> Any:
    """Return what is read: a relation of the manifest, or a metric."""
    known, (kind, _, rest) = house.known, named.partition(":")
    if kind in ("model", "metric", "source", "seed", "snapshot") and rest:
        named = rest
    metrics = {metric.name: metric for metric in known.metrics.values()}
    if kind == "metric":
        if named in metrics:
            return metrics[named]
        raise UsageError(f"there is no metric {named}; if it is new, run `dbt parse` first")
    try:
        relation = find_relation(known, named)
    except UnknownNodeError:
        if named in metrics:
            return metrics[named]
        raise
    if named in metrics and kind != "model":
        raise UsageError(f"{named} is a model and a metric: say model:{named} or metric:{named}")
    return relation


def _written(node: Any) -> str:
    if isinstance(node, Metric):
        return f"metric('{node.name}')"
    if isinstance(node, Source):
        return f"source('{node.source_name}', '{node.name}')"
    if isinstance(node, Model) and node.version is not None:
        return f"ref('{node.name}', v={node.version})"
    return f"ref('{node.name}')"


def _owner(house: House, wanted: WantedExposure, read: list[Any]) -> dict[str, str]:
    if wanted.owner:
        match = _OWNER.fullmatch(wanted.owner)
        mail = (match.group("in") or match.group("bare") or "") if match else ""
        name = match.group("name") if match else ""
        if not name and not mail:
            raise UsageError(f"{wanted.owner}: is no owner; say 'Name <name@example.com>'")
        return {key: value for key, value in (("name", name), ("email", mail)) if value}
    models = [node for node in read if isinstance(node, Model)]
    name = shared(model.group or model.config.group or "" for model in models) or ""
    group = house.known.group_named(name)
    owner = group.owner if group else None
    mail = owner.email if owner and isinstance(owner.email, str) else ""
    if owner is None or not (owner.name or mail):
        raise UsageError("say who owns it: --owner 'Name <name@example.com>'")
    return {key: value for key, value in (("name", owner.name), ("email", mail)) if value}


def _described(wanted: WantedExposure, read: list[Any]) -> str:
    kind = {"ml": "A model of machine learning", "analysis": "An analysis"}.get(
        wanted.type, f"{'An' if wanted.type == 'application' else 'A'} {wanted.type}"
    )
    names = " and ".join(node.name for node in read)
    return f"{kind} that reads {names}."


def _change(house: House, files: list[YamlFile], entry: dict[str, Any]) -> Change:
    """The file that holds most exposures, with one more; or a new one beside the marts."""
    if not files:
        path = f"{house.folder(Layer.MARTS)}/_exposures.yml"
        check_free(house.root, path)
        return Change(path, dump({"exposures": [entry]}))
    most = most_common(Counter({file.path: len(file.entries("exposures")) for file in files}))
    file = next(one for one in files if one.path == most)
    text = append(file.text, ("exposures",), entry, file.path)
    return Change(file.path, text, before=file.text)


def _notes(house: House, read: list[Any]) -> Iterator[str]:
    """What is read and may change without notice: everything that is no mart."""
    inner = [
        node.name
        for node in read
        if isinstance(node, Model)
        and house.conventions.place(node).layer in (Layer.STAGING, Layer.INTERMEDIATE)
    ]
    if inner:
        yield f"{', '.join(inner)}: no mart, so nobody promises that it stays as it is"
