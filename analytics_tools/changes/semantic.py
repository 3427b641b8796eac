"""The semantic layer on top of columns: what each metric is computed from, and what is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from analytics_tools.artifacts.code import Code, items_of, keys_of
from analytics_tools.artifacts.naming import named_by_query, named_in
from analytics_tools.changes.references import names_of
from analytics_tools.lineage import Lineages
from analytics_tools.sql import clashes, families
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import Relation, h, quoted

_WORDS = ("description", "label", "config", "metadata", "meta")
SPINE = "time spine"
_OF_NUMBERS = ("sum", "average", "median", "percentile")
# Why an expression over a node's columns doesn't work, by unique id; empty where it does.
Refuses: TypeAlias = Callable[[str, str], str]
# How MetricFlow aggregates, as DuckDB is asked.
_AGGREGATED = {
    "sum": "sum({})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
    "average": "avg({})",
    "median": "percentile_cont(0.5) within group (order by {})",
    "percentile": "percentile_cont(0.5) within group (order by {})",
}
_METRIC = re.compile(r"""Metric\(\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True)
class Element:
    """An entity, dimension or measure: the columns it reads, those it can't find, and its id.

    `unfit` is the family of its column's type where what is done with it takes no such type, and
    `refused` what the warehouse says of it where it refuses it.
    `grain` is the finest a dimension of time has. The days of a time spine are an element as well,
    whose `model` is no semantic model but the one dbt builds.
    """

    kind: str
    name: str
    model: str
    id: str
    columns: tuple[str, ...]
    missing: tuple[str, ...]
    unfit: str = ""
    grain: str = ""
    refused: str = ""

    @property
    def works(self) -> bool:
        """Whether it can be queried."""
        return not (self.missing or self.unfit or self.refused)


@dataclass
class Semantics:
    """The semantic layer of one project, resolved against the relations it stands on.

    `elements` are by semantic model; `metrics` are ids by unique id, and `needs` the elements that
    each metric is computed from. `direct` is what a metric without a measure aggregates itself.
    `spines` are the columns of time spines. `named` is what each metric and saved query names in
    filters and groups, by unique id, and `names` all that can be named.
    """

    elements: dict[str, list[Element]] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    needs: dict[str, list[Element]] = field(default_factory=dict)
    direct: dict[str, Element] = field(default_factory=dict)
    spines: list[Element] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


class _Ground(NamedTuple):
    """What elements stand on: a node, as a relation, and what refuses an expression over it."""

    uid: str
    relation: Relation
    dialect: str
    refuses: Refuses


def resolve(lineages: Lineages, code: Code, refuses: Refuses = lambda *_: "") -> Semantics:
    """Resolve the semantic layer.

    Args:
        refuses: says why an expression over a node's columns doesn't work; empty where it does, or
            where that isn't known.
    """
    found = Semantics()
    for uid in sorted(code.semantic_models or {}):
        entry = code.entry("semantic_models", uid)
        ground = _ground(lineages, uid, refuses)
        if ground is None:
            continue
        found.rows[uid] = h(ground.relation.rows.id, quoted(_text(entry.get("defaults"))))
        found.elements[uid] = [
            _element(kind, one, uid, ground)
            for kind, key in (
                ("entity", "entities"),
                ("dimension", "dimensions"),
                ("measure", "measures"),
            )
            for one in items_of(entry.get(key))
            if isinstance(one, Mapping)
        ]
        found.elements[uid] = _over_time(found.elements[uid], entry)
    _Metrics(found, lineages, code, refuses).resolve()
    found.names = names_of(code)
    found.spines = _spines(lineages, code)
    for uid in sorted(code.saved_queries or {}):
        asked = keys_of(code.entry("saved_queries", uid).get("query_params"))
        found.named[uid] = named_by_query(asked.get("group_by"), asked.get("where"))
    return found


def _spines(lineages: Lineages, code: Code) -> list[Element]:
    """Return the columns that time spines are joined by; before dbt 1.9 a name made a model one."""
    named = {
        uid: str(column)
        for uid, node in code.nodes.items()
        if (column := keys_of(node.time_spine).get("standard_granularity_column"))
        and uid in lineages.project.relations
    }
    old = [uid for uid in lineages.project.relations if uid.endswith(".metricflow_time_spine")]
    found = []
    for uid, column in (named or dict.fromkeys(old, "date_day")).items():
        declared = code.node(uid).columns or {}
        grain = declared[column].granularity if column in declared else None
        entry = {"name": column, "type_params": {"time_granularity": grain}}
        ground = _Ground(uid, lineages.reading(uid).relation, lineages.dialect, lambda *_: "")
        found.append(_element(SPINE, entry, uid, ground))
    return found


def _over_time(elements: list[Element], entry: Mapping[str, Any]) -> list[Element]:
    """Return elements in which a measure hangs on the dimensions it is aggregated by."""
    default = keys_of(entry.get("defaults")).get("agg_time_dimension")
    given = {str(one.get("name")): one for one in items_of(entry.get("measures"))
             if isinstance(one, Mapping)}  # fmt: skip
    return [
        replace(one, id=h(one.id, *_ids_of(elements, _times(given.get(one.name, {}), default))))
        if one.kind == "measure"
        else one
        for one in elements
    ]


def _times(measure: Mapping[str, Any], default: Any) -> list[str]:
    """Return the dimensions that a measure, or a metric that aggregates itself, goes by."""
    once = keys_of(measure.get("non_additive_dimension"))
    named = [measure.get("agg_time_dimension") or default, once.get("name"),
             *items_of(once.get("window_groupings"))]  # fmt: skip
    return [str(one).lower() for one in named if one]


def _ids_of(elements: list[Element], names: list[str]) -> list[str]:
    return [one.id for one in elements if one.kind != "measure" and one.name.lower() in names]


def _ground(lineages: Lineages, uid: str, refuses: Refuses) -> _Ground | None:
    models = [p for p in lineages.project.parents.get(uid, ()) if p in lineages.project.relations]
    if not models:
        return None
    return _Ground(models[0], lineages.reading(models[0]).relation, lineages.dialect, refuses)


def _element(kind: str, entry: Mapping[str, Any], model: str, ground: _Ground) -> Element:
    name = str(entry.get("name") or "")
    expr = entry.get("expr")
    text = str(expr) if expr not in (None, "") else name
    relation, dialect = ground.relation, ground.dialect
    columns = columns_in(text, dialect)
    ids, types, missing = [], [], []
    for column in columns:
        value = relation.columns.get(stored(column, dialect)) or next(
            (v for k, v in relation.columns.items() if k.lower() == column.lower()), None
        )
        if value is not None:
            ids.append(value.id)
            types.append(value.type)
        elif relation.open:
            ids.append(relation.open[0].get(stored(column, dialect), column).id)
        else:
            missing.append(column)
    made = h(kind, quoted(_text(entry)), *ids, "missing", *missing)
    grain = str(keys_of(entry.get("type_params")).get("time_granularity") or "").lower()
    bare = len(types) == 1 and text.strip('"`').lower() == columns[0].lower()
    unfit = clashes.unfit(_wanted(kind, entry), types[0]) if bare else ""
    refused = "" if unfit or missing else ground.refuses(ground.uid, _asked(kind, entry, text))
    return Element(kind, name, model, made, tuple(columns), tuple(missing), unfit, grain, refused)


def _asked(kind: str, entry: Mapping[str, Any], text: str) -> str:
    """Return an element as a query has it."""
    if kind == "measure":
        return _AGGREGATED.get(str(entry.get("agg")), "({})").format(text)
    if kind == "dimension" and entry.get("type") == "time":
        return f"date_trunc('day', {text})"
    return f"({text})"


def _wanted(kind: str, entry: Mapping[str, Any]) -> str:
    """Return the family of types that what is done with an element's column takes."""
    if kind == "measure" and entry.get("agg") in _OF_NUMBERS:
        return clashes.SUMMABLE if entry.get("agg") == "sum" else clashes.MEASURED
    is_time = kind == SPINE or (kind == "dimension" and entry.get("type") == "time")
    return families.TIME if is_time else ""


def columns_in(text: str, dialect: str) -> list[str]:
    """Return the columns an expression names."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(text, dialect=dialect or None)
    except (SqlglotError, RecursionError):
        return []
    if isinstance(tree, exp.Identifier):
        return [tree.name]
    return list(
        dict.fromkeys(column.name for column in tree.find_all(exp.Column) if column.name != "*")
    )


def _text(value: Any) -> str:
    """Return an entry as text, without words that no number depends on."""
    if isinstance(value, Mapping):
        value = {k: v for k, v in value.items() if k not in _WORDS and v not in (None, [], {}, "")}
    return json.dumps(value, sort_keys=True, default=str)


class _Metrics:
    """Follows metrics to measures and columns."""

    def __init__(self, found: Semantics, lineages: Lineages, code: Code, refuses: Refuses) -> None:
        self._found, self._code = found, code
        self._lineages, self._refuses = lineages, refuses
        self._by_name = {
            str(entry.get("name")): uid
            for uid in code.metrics or {}
            if (entry := code.entry("metrics", uid))
        }
        self._elements: dict[str, list[Element]] = {}
        for elements in found.elements.values():
            for element in elements:
                self._elements.setdefault(element.name.lower(), []).append(element)
        self._busy: set[str] = set()

    def resolve(self) -> None:
        for uid in sorted(self._code.metrics or {}):
            self._id(uid)

    def _id(self, uid: str) -> str:
        if uid in self._found.metrics:
            return self._found.metrics[uid]
        if uid in self._busy:
            return h("cycle", uid)
        self._busy.add(uid)
        entry = self._code.entry("metrics", uid)
        params = entry.get("type_params") if isinstance(entry.get("type_params"), Mapping) else {}
        needs: list[Element] = []
        parts = [h("metric", quoted(_text(entry.get("type"))), quoted(_text(_definition(entry))))]
        parts += self._inputs(params or {}, needs)
        parts += self._filters(uid, entry, needs)
        direct = (params or {}).get("metric_aggregation_params")
        if isinstance(direct, Mapping) and direct.get("semantic_model"):
            parts += self._direct(uid, entry, params or {}, needs)
        parts += self._before_semantic_models(uid)
        self._busy.discard(uid)
        self._found.needs[uid] = needs
        self._found.metrics[uid] = h("metric", *parts)
        return self._found.metrics[uid]

    def _inputs(self, params: Mapping[str, Any], needs: list[Element]) -> list[str]:
        parts: list[str] = []
        conversion = keys_of(params.get("conversion_type_params"))
        places = [params.get("measure"), *items_of(params.get("input_measures"))]
        places += [conversion.get(k) for k in ("base_measure", "conversion_measure")]
        for name in sorted(set(_names(places))):
            for element in self._elements.get(name.lower(), ()):
                if element.kind == "measure":
                    needs.append(element)
                    parts += [element.id, self._found.rows.get(element.model, "")]
        cumulative = keys_of(params.get("cumulative_type_params"))
        more = [
            params.get("numerator"),
            params.get("denominator"),
            *items_of(params.get("metrics")),
        ]
        more += [
            cumulative.get("metric"),
            *(conversion.get(k) for k in ("base_metric", "conversion_metric")),
        ]
        for name in sorted(set(_names(more))):
            uid = self._by_name.get(name)
            if uid is not None:
                parts.append(self._id(uid))
                needs += self._found.needs.get(uid, ())
        return parts

    def _direct(
        self, metric: str, entry: Mapping[str, Any], params: Mapping[str, Any], needs: list[Element]
    ) -> list[str]:
        """A metric that aggregates a column of a semantic model itself."""
        model = str(keys_of(params.get("metric_aggregation_params")).get("semantic_model"))
        for uid in self._found.elements:
            if uid.rpartition(".")[2] == model:
                ground = _ground(self._lineages, uid, self._refuses)
                if ground is None:
                    return []
                direct = keys_of(params.get("metric_aggregation_params"))
                one = {"name": entry.get("name"), "expr": params.get("expr")}
                one["agg"] = direct.get("agg")
                element = _element("measure", one, uid, ground)
                needs.append(element)
                self._found.direct[metric] = element
                semantic = self._code.entry("semantic_models", uid)
                default = keys_of(semantic.get("defaults")).get("agg_time_dimension")
                times = _ids_of(self._found.elements[uid], _times(direct, default))
                return [element.id, *times, self._found.rows.get(uid, "")]
        return []

    def _filters(self, uid: str, entry: Mapping[str, Any], needs: list[Element]) -> list[str]:
        given = [entry.get("filter"), entry.get("type_params")]
        text = json.dumps(given, default=str)
        parts: list[str] = []
        names = self._found.named[uid] = named_in(given)
        for name in sorted(names):
            for element in self._elements.get(name.rpartition("__")[2].lower(), ()):
                parts.append(element.id)
                needs += [element] if element.kind != "measure" else []
        for name in sorted(set(_METRIC.findall(text))):
            parts += [self._id(self._by_name[name])] if name in self._by_name else []
        return parts

    def _before_semantic_models(self, uid: str) -> list[str]:
        """A metric of dbt before 1.6 stands on a model."""
        parents = self._lineages.project.parents.get(uid, ())
        return [
            self._lineages.reading(parent).relation.whole
            for parent in parents
            if parent in self._lineages.project.relations
        ]


def _definition(entry: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("type_params", "filter", "expression", "calculation_method", "filters", "window",
            "time_granularity", "timestamp", "dimensions", "sql", "type")  # fmt: skip
    found = {key: entry.get(key) for key in keys}
    params = found.get("type_params")
    if isinstance(params, Mapping):  # what dbt collects there itself is no definition
        found["type_params"] = {k: v for k, v in params.items() if k != "input_measures" and v}
    return found


def _names(places: Iterable[Any]) -> list[str]:
    return [
        str(one.get("name") if isinstance(one, Mapping) else one)
        for one in places
        if one and (not isinstance(one, Mapping) or one.get("name"))
    ]
