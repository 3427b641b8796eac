"""Which entities, dimensions and measures a query of a metric, or a saved query, reads.

A semantic model reads no column by itself: a query does, and only those it needs. A dimension of
another semantic model also needs the entities on the way to it. The time a measure is aggregated by
is read by a query that goes by ``metric_time``, as nearly every one of a metric does, and that of a
saved query tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics_tools.artifacts.code import Code, items_of, keys_of
from analytics_tools.artifacts.naming import GRAINS, grained_in, named_in, steps_of
from analytics_tools.changes.references import links_of
from analytics_tools.changes.semantic import SPINE, Element, Semantics

_METRIC = re.compile(r"""Metric\(\s*['"]([^'"]+)['"](?:\s*,\s*(?:group_by\s*=\s*)?\[([^\]]*)\])?""")
_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")
_TIME = "metric_time"


@dataclass
class Reads:
    """What a query reads in any case, and what only if it goes by ``metric_time``.

    `too_fine` are the times it asks for by a finer grain than they have: name, grain, dimension.
    """

    always: list[Element] = field(default_factory=list)
    by_time: list[Element] = field(default_factory=list)
    too_fine: list[tuple[str, str, Element]] = field(default_factory=list)

    def add(self, other: Reads) -> None:
        """Read what another query reads as well."""
        self.always = list(dict.fromkeys([*self.always, *other.always]))
        self.by_time = list(dict.fromkeys([*self.by_time, *other.by_time]))
        self.too_fine = list(dict.fromkeys([*self.too_fine, *other.too_fine]))

    @property
    def faulty(self) -> list[Element]:
        """What is read, and can't be."""
        return [one for one in (*self.always, *self.by_time) if not one.works]


def read_by(found: Semantics, code: Code) -> dict[str, Reads]:
    """Return by unique id of a metric or saved query what a query of it reads."""
    queries = _Queries(found, code)
    read = {uid: queries.metric(uid) for uid in found.metrics}
    for uid in found.named.keys() - found.metrics.keys():
        read[uid] = queries.saved(uid)
    return read


class _Queries:
    """Follows queries from the measures they aggregate to what they name."""

    def __init__(self, found: Semantics, code: Code) -> None:
        self._found, self._code = found, code
        self._entries = {uid: code.entry("semantic_models", uid) for uid in found.elements}
        self._linked: dict[str, list[str]] = {}
        for uid, entry in self._entries.items():
            for link in links_of(entry):
                self._linked.setdefault(link, []).append(uid)
        self._measures: dict[str, list[Element]] = {}
        self._named: dict[tuple[str, str], list[Element]] = {}
        for one in (one for elements in found.elements.values() for one in elements):
            name = one.name.lower()
            if one.kind == "measure":
                self._measures.setdefault(name, []).append(one)
            else:
                self._named.setdefault((one.model, name), []).append(one)
        self._by_name = {str(code.entry("metrics", uid).get("name")): uid for uid in found.metrics}
        self._done: dict[str, Reads] = {}

    def saved(self, uid: str) -> Reads:
        """Return what a saved query reads."""
        asked = keys_of(self._code.entry("saved_queries", uid).get("query_params"))
        reads = Reads()
        for name in items_of(asked.get("metrics")):
            reads.add(self._by(str(name)))
        names = self._found.named[uid]
        reads.add(self._compared(asked.get("where"), _homes(reads)))
        reads.always += self._reached(_homes(reads), names)
        grained = grained_in(asked.get("group_by")) + grained_in(asked.get("where"))
        reads.too_fine += self._too_fine(grained, reads)
        if not any(steps_of(name, self._found.names) == [_TIME] for name in names):
            reads.by_time = []
            reads.too_fine = [
                one for one in reads.too_fine if one[2].kind != SPINE or one[2] in reads.always
            ]
        return reads

    def metric(self, uid: str) -> Reads:
        """Return what a query of a metric reads."""
        if uid in self._done:
            return self._done[uid]
        reads = self._done[uid] = Reads()
        entry = self._code.entry("metrics", uid)
        params = keys_of(entry.get("type_params"))
        conversion = keys_of(params.get("conversion_type_params"))
        measures, metrics = _inputs(params)
        for place in measures:
            for one in self._measures.get(_name(place).lower(), ()):
                reads.add(self._aggregated(one, self._measure_entry(one)))
                reads.always += self._reached({one.model}, _names(entry, place))
        for place in metrics:
            inner = self._by(_name(place))
            reads.add(inner)
            reads.always += self._reached(_homes(inner), _names(entry, place))
        if uid in self._found.direct:
            one = self._found.direct[uid]
            reads.add(self._aggregated(one, keys_of(params.get("metric_aggregation_params"))))
            reads.always += self._reached({one.model}, _names(entry))
        if conversion.get("entity"):
            reads.always += self._reached(_homes(reads), [str(conversion["entity"]).lower()])
        reads.add(self._compared([entry.get("filter"), params], _homes(reads)))
        reads.too_fine += self._too_fine(grained_in([entry.get("filter"), params]), reads)
        if _fills_time(entry, params):
            reads.add(self._spine(reads.by_time))
        if _goes_by_time(params):
            reads.always += reads.by_time
        return reads

    def _by(self, name: str) -> Reads:
        uid = self._by_name.get(name)
        return self.metric(uid) if uid else Reads()

    def _measure_entry(self, one: Element) -> Mapping[str, Any]:
        given = items_of(self._entries[one.model].get("measures"))
        return next((keys_of(m) for m in given if keys_of(m).get("name") == one.name), {})

    def _aggregated(self, one: Element, entry: Mapping[str, Any]) -> Reads:
        """Return a measure, or a metric that aggregates itself, and the times it goes by."""
        default = keys_of(self._entries[one.model].get("defaults")).get("agg_time_dimension")
        once = keys_of(entry.get("non_additive_dimension"))
        always = [once.get("name"), *items_of(once.get("window_groupings"))]
        time = entry.get("agg_time_dimension") or default
        return Reads(
            [one, *(e for name in always if name for e in self._own(one.model, str(name)))],
            self._own(one.model, str(time)) if time else [],
        )

    def _compared(self, filters: Any, homes: set[str]) -> Reads:
        """Return what metrics that a filter compares with read, and what they are grouped by."""
        reads = Reads()
        text = json.dumps(filters, default=str).replace('\\"', '"')
        for name, grouped in _METRIC.findall(text):
            inner = self._by(name).always
            names = [one.lower() for one in _QUOTED.findall(grouped)]
            reads.always += [*inner, *self._reached({*homes, *_homes(Reads(inner))}, names)]
        return reads

    def _reached(self, homes: Iterable[str], names: Iterable[str]) -> list[Element]:
        """Return the elements that names stand for, and the entities on the way to them."""
        found = []
        for name in names:
            *way, last = steps_of(name, self._found.names)
            for home in sorted(homes):
                found += self._from(home, way, last)
        return found

    def _from(self, home: str, way: list[str], last: str) -> list[Element]:
        own = self._own(home, last)
        if not way or (own and home in self._linked.get(way[-1], ())):
            return own
        ends = [end for uid in self._linked.get(way[-1], ()) if (end := self._own(uid, last))]
        return self._path(home, way, last) or _soundest(ends)

    def _path(self, home: str, way: list[str], last: str) -> list[Element]:
        """Return what joins read from a semantic model to an element; nothing if none lead to it.

        Of more than one way, one whose columns are there is taken.
        """
        if not way:
            return self._own(home, last)
        step, *rest = way
        start = self._own(home, step)
        ways = [
            [*start, *self._own(uid, step), *end]
            for uid in self._linked.get(step, ())
            if start and uid != home and (end := self._path(uid, rest, last))
        ]
        return _soundest(ways)

    def _too_fine(
        self, grained: list[tuple[str, str]], reads: Reads
    ) -> list[tuple[str, str, Element]]:
        """Return the times that are named with a finer grain than they have."""
        found = []
        for name, grain in grained:
            way = steps_of(name, self._found.names)
            times = reads.by_time if way == [_TIME] else self._reached(_homes(reads), [name])
            for one in times:
                is_it = way == [_TIME] or one.name.lower() == way[-1]
                if is_it and one.grain in GRAINS and _is_finer(grain, one.grain):
                    found.append((name, grain, one))
        return found

    def _spine(self, times: list[Element]) -> Reads:
        """Return the time spines, and the times that none of them is fine enough for."""
        spines = self._found.spines
        finest = min(
            spines, key=lambda one: GRAINS.index(one.grain) if one.grain in GRAINS else -1,
            default=None,
        )  # fmt: skip
        too_fine = [
            (one.name, one.grain, finest) for one in times
            if finest and {one.grain, finest.grain} <= set(GRAINS)
            and _is_finer(one.grain, finest.grain)
        ]  # fmt: skip
        return Reads(by_time=list(spines), too_fine=too_fine)

    def _own(self, uid: str, name: str) -> list[Element]:
        return self._named.get((uid, name.lower()), [])


def _is_finer(one: str, other: str) -> bool:
    return GRAINS.index(one) < GRAINS.index(other)


def _soundest(ways: list[list[Element]]) -> list[Element]:
    return min(ways, key=lambda way: not all(one.works for one in way), default=[])


def _inputs(params: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return the measures and the metrics that a metric is made of."""
    conversion = keys_of(params.get("conversion_type_params"))
    measures = [params.get("measure"), *items_of(params.get("input_measures"))]
    measures += [conversion.get(key) for key in ("base_measure", "conversion_measure")]
    metrics = [params.get("numerator"), params.get("denominator"), *items_of(params.get("metrics"))]
    metrics += [keys_of(params.get("cumulative_type_params")).get("metric")]
    metrics += [conversion.get(key) for key in ("base_metric", "conversion_metric")]
    return [one for one in measures if one], [one for one in metrics if one]


def _goes_by_time(params: Mapping[str, Any]) -> bool:
    """Whether no query of a metric gets on without the time its measures are aggregated by."""
    cumulative = keys_of(params.get("cumulative_type_params"))
    keys = ("window", "grain_to_date")
    if any(cumulative.get(key) or params.get(key) for key in keys):
        return True
    shifted = [keys_of(one) for one in items_of(params.get("metrics"))]
    return bool(params.get("conversion_type_params")) or any(
        one.get("offset_window") or one.get("offset_to_grain") for one in shifted
    )


def _fills_time(entry: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether a metric is joined to a time spine, where a query goes by time."""
    places = [*map(keys_of, _inputs(params)[0]), params]
    shifted = [keys_of(one) for one in items_of(params.get("metrics"))]
    return (
        entry.get("type") == "cumulative"
        or any(one.get("join_to_timespine") for one in places)
        or any(one.get("offset_window") or one.get("offset_to_grain") for one in shifted)
    )


def _names(entry: Mapping[str, Any], place: Any = None) -> list[str]:
    return named_in([entry.get("filter"), keys_of(place).get("filter")])


def _name(place: Any) -> str:
    return str(place.get("name") if isinstance(place, Mapping) else place)


def _homes(reads: Reads) -> set[str]:
    return {one.model for one in reads.always if one.kind == "measure"}
