"""What a model's YAML needs before a metric can stand in it: a semantic model, a key, a time."""

from __future__ import annotations

import re
from typing import Any

from analytics_tools.artifacts import Model
from analytics_tools.errors import UsageError
from analytics_tools.scaffold.dimensions import (
    described_columns,
    next_key,
    with_dimension,
    with_filter,
)
from analytics_tools.scaffold.house import House
from analytics_tools.scaffold.names import plural
from analytics_tools.scaffold.parents import Parent, entity_of, find_parent
from analytics_tools.scaffold.yaml_edit import append, insert
from analytics_tools.scaffold.yaml_files import YamlFile
from analytics_tools.scaffold.yaml_text import Flow
from analytics_tools.words import listed

_COLUMN = re.compile(r"[a-z_]\w*")


def with_metric(
    house: House, model: Model, file: YamlFile, metric: dict[str, Any], time: str
) -> tuple[str, tuple[str, ...]]:
    """Return the file's text with the metric, and notes on what else was added.

    Raises UsageError where the model lacks a key, a time, or the column that is measured.
    """
    steps, text = ("models", model.name), file.text
    notes: list[str] = []
    entry = file.entry("models", model.name) or {}
    parent = find_parent(house, model.unique_id)
    columns = described_columns(entry)
    metric["expr"] = _measured(metric, parent, columns)
    if not entry.get("semantic_model"):
        _check_spine(house)
        key, moment = _key(parent, columns), _time(parent, columns, time)
        name = _semantic_name(house, parent)
        semantic = {"enabled": True, "name": name}
        text = insert(text, steps, "semantic_model", semantic, file.path, before="columns")
        text = insert(text, steps, "agg_time_dimension", moment, file.path, before="columns")
        text, noted = _with_key(house, model, text, key, columns, file.path)
        notes += noted
        text = with_dimension(text, steps, moment, "time", columns, file.path)
        notes.append(f"{model.name} is now the semantic model {name}, by {key} and {moment}")
    elif not entry.get("agg_time_dimension"):
        moment = _time(parent, columns, time)
        text = insert(text, steps, "agg_time_dimension", moment, file.path, before="columns")
        text = with_dimension(text, steps, moment, "time", columns, file.path)
        notes.append(f"metrics of {model.name} are now dated by {moment}")
    elif time and time != entry["agg_time_dimension"]:
        metric["agg_time_dimension"] = time
    asked = str(metric.get("filter") or "")
    text, made = with_filter(text, model.name, asked, parent, house.adapter, file.path)
    notes += made
    if entry.get("metrics"):
        return append(text, (*steps, "metrics"), metric, file.path), tuple(notes)
    return insert(text, steps, "metrics", [metric], file.path, before="columns"), tuple(notes)


def _measured(metric: dict[str, Any], parent: Parent, columns: dict[str, Any]) -> str:
    """What is aggregated: a column, an expression, or the key where rows are counted."""
    expr = str(metric.get("expr") or "")
    if not expr and metric["agg"] == "count" and parent.key:
        return parent.key
    if not expr:
        raise UsageError("say what is aggregated: --expr COLUMN")
    known = {*columns, *(column.name for column in parent.columns)}
    if _COLUMN.fullmatch(expr) and expr not in known:
        names = listed(sorted(known), 12)
        raise UsageError(f"{parent.relation.name} has no column {expr}; it has {names}")
    return expr


def _key(parent: Parent, columns: dict[str, Any]) -> str:
    if parent.key in columns:
        return parent.key
    raise UsageError(
        f"{parent.relation.name}: no single column is tested unique and not_null, which is the key "
        "that the semantic layer joins by; test it first"
    )


def _time(parent: Parent, columns: dict[str, Any], asked: str) -> str:
    """The column that dates a row: the one asked for, or the only date."""
    if asked:
        if asked in columns:
            return asked
        raise UsageError(f"{parent.relation.name} has no column {asked} in its YAML to date by")
    moments = [c.name for c in parent.columns if c.group == "timestamps" and c.name in columns]
    dates = [name for name in moments if name.endswith(("_date", "_day", "_month"))]
    likely = dates or [n for n in moments if n not in ("updated_at", "loaded_at")] or moments
    if len(likely) == 1:
        return likely[0]
    found = f"one of {listed(likely)}" if likely else "a column of type date"
    raise UsageError(f"{parent.relation.name}: say what dates a row with --time, {found}")


def _semantic_name(house: House, parent: Parent) -> str:
    taken = {model.name for model in house.known.semantic_models.values()}
    name = plural(entity_of(parent.key, parent.relation.name))
    return name if name not in taken else parent.relation.name


def _with_key(
    house: House, model: Model, text: str, key: str, columns: dict[str, Any], path: str
) -> tuple[str, tuple[str, ...]]:
    """Return YAML in which the key is an entity: the primary one, unless another model has it."""
    steps, entity = ("models", model.name), entity_of(key, model.name)
    noted: tuple[str, ...] = ()
    other = _first_of(house, entity)
    if other:
        own = entity_of("", model.name)
        own = own if own != entity and not _first_of(house, own) else model.name
        text = insert(text, steps, "primary_entity", own, path, before="columns")
        noted = (
            f"the semantic model {other} has the primary entity {entity} already: here it is "
            f"unique, and dimensions are called {own}__...",
        )
    kind = "unique" if other else "primary"
    flow = Flow(type=kind, name=entity)
    return _with_entity(text, steps, key, flow, columns, path), noted


def _first_of(house: House, entity: str) -> str:
    """Return the semantic model whose primary entity that is: dbt wants one, at most.

    It takes a dimension's name with the primary entity before it for one thing.
    """
    for other in house.known.semantic_models.values():
        named = {one.name for one in other.entities or () if one.type == "primary"}
        if entity in named | {other.primary_entity}:
            return other.name
    return ""


def _with_entity(
    text: str, steps: tuple[str, ...], key: str, entity: Flow, columns: dict[str, Any], path: str
) -> str:
    if "entity" in columns[key]:
        return text
    before = next_key(columns[key])
    return insert(text, (*steps, "columns", key), "entity", entity, path, before=before)


def _check_spine(house: House) -> None:
    """Without a time spine no metric parses; projects with metrics have one."""
    if house.known.metrics or house.known.semantic_models:
        return
    for path in sorted((house.root / house.dbt.model_path).rglob("*.y*ml")):
        if "time_spine:" in path.read_text(encoding="utf-8", errors="replace"):
            return
    raise UsageError(
        "the project has no time spine, which metrics need: a model of days with `time_spine:` in "
        "its YAML; see docs.getdbt.com/docs/build/metricflow-time-spine"
    )
