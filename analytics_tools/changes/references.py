"""What filters of metrics and saved queries name: dimensions and entities of the semantic layer.

dbt parses a filter without asking whether what it names is there; the first query does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from analytics_tools.artifacts.code import Code, items_of, keys_of

_NAMED = re.compile(
    r"""\b(?:Dimension|TimeDimension|Entity)\(\s*(?:name\s*=\s*)?['"]([^'"]+)['"]"""
)
_TIME = "metric_time"  # every metric has it
_GRAINS = frozenset(
    ("nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month",
     "quarter", "year")
)  # fmt: skip


def named_in(value: Any) -> list[str]:
    """Return what a filter, or anything that holds filters, names: ``order__is_sold``."""
    text = json.dumps(value, default=str).replace('\\"', '"')
    return list(dict.fromkeys(name.lower() for name in _NAMED.findall(text)))


def named_by_query(entry: Mapping[str, Any]) -> list[str]:
    """Return what a saved query groups by and filters by."""
    asked = keys_of(entry.get("query_params"))
    grouped = items_of(asked.get("group_by"))
    bare = [one.lower() for one in grouped if isinstance(one, str) and "(" not in one]
    return list(dict.fromkeys([*bare, *named_in([grouped, asked.get("where")])]))


def names_of(code: Code) -> frozenset[str]:
    """Return every name that a filter can use: entities, and dimensions by an entity's name.

    A name counts whatever joins lead to it, so one that isn't there can't be reached at all.
    """
    found = {_TIME}
    for uid in code.semantic_models or {}:
        entry = code.entry("semantic_models", uid)
        entities = _names(entry.get("entities"))
        links = {*entities, str(entry.get("primary_entity") or "").lower()} - {""}
        elements = {*entities, *_names(entry.get("dimensions"))}
        found |= elements | {f"{link}__{name}" for link in links for name in elements}
    return frozenset(found)


def is_there(name: str, names: frozenset[str]) -> bool:
    """Whether a name can be found, by the last entity on the way to it.

    ``order__customer__country`` is the country that a customer has; a grain may stand at the end.
    """
    parts = name.split("__")
    if len(parts) > 1 and parts[-1] in _GRAINS and name not in names:
        parts = parts[:-1]
    return "__".join(parts[-2:]) in names


def _names(entries: Any) -> set[str]:
    return {str(keys_of(one).get("name") or "").lower() for one in items_of(entries)} - {""}
