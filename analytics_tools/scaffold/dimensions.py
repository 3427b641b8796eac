"""The dimensions that a metric needs: the time it is asked by, and what its filter names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.columns import KINDS
from analytics_tools.scaffold.parents import Parent
from analytics_tools.scaffold.yaml_edit import insert, load
from analytics_tools.scaffold.yaml_files import YamlFile
from analytics_tools.scaffold.yaml_text import Flow
from analytics_tools.sql.type_names import parse
from analytics_tools.words import listed

_REFERENCE = re.compile(r"\{\{\s*(?:Dimension|TimeDimension|Entity|Metric)\s*\(")
_DIMENSION = re.compile(r"\b(?:Time)?Dimension\s*\(\s*['\"]([^'\"]*)['\"]")
_GRAIN = re.compile(r"__(?:day|week|month|quarter|year)$")


def check_filter(filter_: str, entity: str = "", columns: Iterable[str] = ()) -> None:
    """Raise UsageError where a filter names no dimension, which is how one names a column.

    Args:
        filter_: the filter.
        entity: what one row of the model is, where it is known.
        columns: of the model.
    """
    if not filter_ or _REFERENCE.search(filter_):
        return
    known = set(columns)

    def spelt(word: re.Match[str]) -> str:
        is_column = word.group() in known
        return f"{{{{ Dimension('{entity}__{word.group()}') }}}}" if is_column else word.group()

    right = re.sub(r"'[^']*'|\w+", spelt, filter_) if entity else filter_
    right = right if right != filter_ else "{{ Dimension('order__is_sold') }}"
    raise UsageError(
        f"the filter {filter_} names no dimension, and a bare column means nothing to the semantic "
        f'layer: say --filter "{right}"'
    )


def with_filter(
    text: str, model: str, filter_: str, parent: Parent, adapter: str, path: str
) -> tuple[str, tuple[str, ...]]:
    """Return YAML in which the model has the dimensions that a filter names, and what came in.

    Raises UsageError for a dimension that neither is there nor can be made of a column.
    """
    entry = YamlFile(path, text, load(text, path)).entry("models", model) or {}
    columns, entities = described_columns(entry), _entities(entry)
    own = next((name for name, type_ in entities.items() if type_ == "primary"), "")
    check_filter(filter_, own, columns)
    known, notes = _dimensions(columns, entry), []
    for named in dict.fromkeys(_DIMENSION.findall(filter_) if own else ()):
        whole = _GRAIN.sub("", named)
        column = whole.removeprefix(f"{own}__")
        if _is_elsewhere(model, whole, own, entities) or column in known:
            continue
        if column not in columns:
            has = listed(sorted(columns), 12)
            raise UsageError(f"the filter names {named}, and {model}'s YAML has only {has}")
        kind = _kind(parent, columns[column], adapter)
        text = with_dimension(text, ("models", model), column, kind, columns, path)
        notes.append(f"{column} is now a dimension of {model}, {kind}: the filter names it")
    return text, tuple(notes)


def with_dimension(
    text: str,
    steps: tuple[str, ...],
    name: str,
    kind: str,
    columns: dict[str, dict[str, Any]],
    path: str,
) -> str:
    """Return YAML in which a column is a dimension, categorical or time, unless it is one."""
    keys: dict[str, Any] = {"granularity": "day"} if kind == "time" else {}
    keys["dimension"] = Flow(type=kind, name=name)
    for key, value in keys.items():
        if key not in columns[name]:
            inside = (*steps, "columns", name)
            text = insert(text, inside, key, value, path, before=next_key(columns[name]))
    return text


def described_columns(entry: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the columns in a model's YAML by name."""
    columns = _named(entry.get("columns"))
    return {column["name"]: column for column in columns}


def next_key(column: dict[str, Any]) -> str:
    """Return the key before which dbt's semantic keys stand in house style."""
    return next((key for key in ("constraints", "data_tests", "tests") if key in column), "")


def _named(value: Any) -> list[dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [one for one in entries if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _derived(entry: dict[str, Any], section: str) -> list[dict[str, Any]]:
    derived = entry.get("derived_semantics")
    return _named(derived.get(section)) if isinstance(derived, dict) else []


def _entities(entry: dict[str, Any]) -> dict[str, str]:
    """The types of a model's entities by name."""
    found = {one["name"]: str(one.get("type")) for one in _derived(entry, "entities")}
    for name, column in described_columns(entry).items():
        said = column.get("entity")
        if isinstance(said, dict):
            found[str(said.get("name") or name)] = str(said.get("type"))
        elif said:
            found[name] = str(said)
    if entry.get("primary_entity"):
        found[str(entry["primary_entity"])] = "primary"
    return found


def _dimensions(columns: dict[str, dict[str, Any]], entry: dict[str, Any]) -> set[str]:
    found = {one["name"] for one in _derived(entry, "dimensions")}
    for name, column in columns.items():
        said = column.get("dimension")
        if said:
            found.add(str(said.get("name") or name) if isinstance(said, dict) else name)
    return found


def _is_elsewhere(model: str, named: str, own: str, entities: dict[str, str]) -> bool:
    """Whether a dimension is of a model that is joined, or the time that all metrics share."""
    first, _, rest = named.partition("__")
    if first == "metric_time" or (first in entities and rest):
        return first != own or "__" in rest
    what = f"{model} has no entity {first}; it has {listed(sorted(entities))}"
    why = what if rest else f"{named} doesn't say of what"
    raise UsageError(
        f"the filter names {named}: {why}; what is in {model} itself is called "
        f"{own}__{rest or named}"
    )


def _kind(parent: Parent, described: dict[str, Any], adapter: str) -> str:
    """What kind of dimension a column can be. Raises UsageError for a number, or no known type."""
    name = described["name"]
    seen = parent.column(name)
    type_ = (seen.type if seen else "") or str(described.get("data_type") or "")
    by_name = seen.group if seen else ""
    group = KINDS.get(parse(type_, adapter).family, "other") if type_ else by_name
    if group in ("strings", "booleans"):
        return "categorical"
    if group == "timestamps":
        return "time"
    is_of = f"is of type {type_.lower()}" if type_ else "is of a type that isn't known"
    raise UsageError(
        f"the filter names {name} of {parent.relation.name}, which {is_of} and no dimension: only "
        "text, booleans and dates are made one here; declare it in its YAML first"
    )
