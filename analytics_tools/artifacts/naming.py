"""What filters of metrics and saved queries name: dimensions and entities of the semantic layer.

dbt's graph tells on which semantic model a metric aggregates. That its filter asks for a dimension
of another one, and a saved query groups by it, only the names tell. dbt parses these without asking
whether what they name is there; the first query does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from analytics_tools.artifacts.consumers import Metric, SavedQuery, SemanticElement, SemanticModel

_NAMED = re.compile(
    r"""\b(?:Dimension|TimeDimension|Entity)\(\s*(?:name\s*=\s*)?['"]([^'"]+)['"]"""
)
_GRAINED = re.compile(
    r"""\b(Time)?Dimension\(\s*(?:name\s*=\s*)?['"]([^'"]+)['"]"""
    r"""(?:\s*,\s*(?:\w+\s*=\s*)?['"](\w+)['"])?[^)]*\)(?:\s*\.\s*grain\(\s*['"](\w+)['"])?"""
)
_WORDS = re.compile(r"\w+")
# The finest first.
GRAINS = ("nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week",
          "month", "quarter", "year")  # fmt: skip


def named_in(value: Any) -> list[str]:
    """Return what a filter, or anything that holds filters, names: ``order__is_sold``."""
    text = json.dumps(value, default=str).replace('\\"', '"')
    return list(dict.fromkeys(name.lower() for name in _NAMED.findall(text)))


def grained_in(value: Any) -> list[tuple[str, str]]:
    """Return the times that a filter, or what a query groups by, names with a grain, and which.

    ``Dimension('order__day__month')`` is no grain to MetricFlow, ``TimeDimension`` of it is.
    """
    text = json.dumps(value, default=str).replace('\\"', '"')
    bare = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    found = [("Time", one, "", "") for one in bare if "(" not in one]
    named = []
    for time, name, given, grain in [*_GRAINED.findall(text), *found]:
        start, _, end = name.lower().rpartition("__")
        if given or grain:
            named.append((name.lower(), (given or grain).lower()))
        elif time:
            named.append((start, end))
    return [(name, grain) for name, grain in named if name and grain in GRAINS]


def named_by_query(grouped: Any, where: Any) -> list[str]:
    """Return what a saved query groups by and filters by."""
    listed = grouped if isinstance(grouped, list | tuple) else []
    bare = [one.lower() for one in listed if isinstance(one, str) and "(" not in one]
    return list(dict.fromkeys([*bare, *named_in([listed, where])]))


def steps_of(name: str, known: Iterable[str] = ()) -> list[str]:
    """Return the entities on the way to an element and the element itself.

    ``order__customer__country`` is the country of an order's customer; a grain may stand at the
    end, if the name as it is isn't `known`.
    """
    parts = name.split("__")
    is_grain = len(parts) > 1 and parts[-1] in GRAINS and name not in known
    return parts[:-1] if is_grain else parts


def names_by_model(
    semantic_models: Mapping[str, SemanticModel],
    metrics: Mapping[str, Metric],
    saved_queries: Mapping[str, SavedQuery],
) -> dict[str, dict[str, frozenset[str]]]:
    """Return by semantic model who names its elements, and which: all by unique id, in lower case.

    An entity on the way to a dimension is named as well, for a join reads its column. Whichever
    model may be meant counts.
    """
    owners: dict[str, list[tuple[str, set[str]]]] = {}
    for uid, semantic in semantic_models.items():
        entities = {one.name.lower() for one in semantic.entities or ()}
        links = entities | {(semantic.primary_entity or "").lower()}
        for name in entities | {one.name.lower() for one in semantic.dimensions or ()}:
            owners.setdefault(name, []).append((uid, links))
    found: dict[str, dict[str, set[str]]] = {}
    for reader, names in _named(metrics, saved_queries):
        for name in names:
            *way, element = steps_of(name)
            for uid, links in owners.get(element, ()):
                if not way or way[-1] in links:
                    said = found.setdefault(uid, {}).setdefault(reader, set())
                    said |= {element, *way[-1:]}
    return {
        uid: {reader: frozenset(names) for reader, names in sorted(named.items())}
        for uid, named in found.items()
    }


def is_of(element: SemanticElement, columns: AbstractSet[str]) -> bool:
    """Whether an entity, dimension or measure is computed from one of some columns."""
    return reads(columns, element.expr if element.expr not in (None, "") else element.name)


def reads(columns: AbstractSet[str], *expressions: Any) -> bool:
    """Whether an expression names one of some columns.

    Args:
        columns: in lower case; ``*`` is any.
    """
    text = " ".join(str(one).lower() for one in expressions if one is not None)
    words = set(_WORDS.findall(text))
    return "*" in columns or any(
        one in (words if _WORDS.fullmatch(one) else text) for one in columns
    )


def _named(
    metrics: Mapping[str, Metric], saved_queries: Mapping[str, SavedQuery]
) -> Iterable[tuple[str, list[str]]]:
    for uid, metric in metrics.items():
        params = metric.type_params
        inputs = () if params is None else (
            params.measure, params.numerator, params.denominator,
            *(params.input_measures or ()), *(params.metrics or ()),
        )  # fmt: skip
        yield uid, named_in([metric.filter, *(one.filter for one in inputs if one)])
    for uid, query in saved_queries.items():
        if query.query_params:
            yield uid, named_by_query(query.query_params.group_by, query.query_params.where)
