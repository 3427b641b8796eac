"""The page of one model, seed, snapshot or source, as data."""

from __future__ import annotations

import functools
import re
from typing import Any

from analytics_tools.artifacts import Model, Project, Relation
from analytics_tools.artifacts.nodes import (
    GUARDS,
    Exposure,
    Metric,
    Record,
    Source,
    Test,
    meta_of,
)
from analytics_tools.artifacts.project import referred
from analytics_tools.docs.neighbourhood import Neighbourhood, neighbourhood_of
from analytics_tools.graph import walk
from analytics_tools.impact import owner_of, readers_through
from analytics_tools.layers import place
from analytics_tools.score.keys import constraints_on, folded, tested_columns
from analytics_tools.score.pii import is_marked

_QUERY_COLUMNS = 8
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_BACKTICK_ADAPTERS = {"bigquery", "databricks", "spark", "clickhouse", "mysql"}


class ColumnEntry(Record, frozen=True):
    """A column of the dictionary.

    `type` is the catalog's, or else the declared one. `is_declared` and `is_built` say whether YAML
    and the catalog have it; `is_built` is None when there is no catalog. `is_personal` is what the
    project says of it, None when it says nothing. `roles` are what semantic models make of it, as
    in ``primary entity order``; `readers` are the models that name it, and the metrics and saved
    queries that do through a semantic model, by unique id.
    """

    name: str
    type: str
    description: str
    tests: tuple[str, ...]
    is_declared: bool
    is_built: bool | None
    is_personal: bool | None = None
    roles: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


class TestEntry(Record, frozen=True):
    """A test with its last result; `status` is empty when it did not run."""

    unique_id: str
    name: str
    kind: str
    columns: tuple[str, ...]
    description: str
    status: str
    failures: int | None


class MetricEntry(Record, frozen=True):
    """A metric that stands on the node, directly or through others."""

    unique_id: str
    name: str
    type: str
    description: str


class ExposureEntry(Record, frozen=True):
    """An exposure downstream."""

    unique_id: str
    name: str
    type: str
    owner: str
    url: str


class Page(Record, frozen=True):
    """All that is told of a node. Empty strings stand for what nobody has said."""

    unique_id: str
    name: str
    kind: str
    description: str
    grain: str
    layer: str
    owner: str
    access: str
    materialized: str
    has_contract: bool
    relation: str
    package: str
    file: str
    tags: tuple[str, ...]
    status: str
    columns: tuple[ColumnEntry, ...]
    tests: tuple[TestEntry, ...]
    metrics: tuple[MetricEntry, ...]
    exposures: tuple[ExposureEntry, ...]
    neighbourhood: Neighbourhood
    query: str
    tier: str = ""
    freshness: str = ""
    loaded_at: str = ""
    parents: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


def page_of(project: Project, node: Relation) -> Page:
    """Gather what is known of `node`."""
    model = node if isinstance(node, Model) else None
    layer = place(model).layer if model else None
    columns = _columns(project, node)
    result = project.results.get(node.unique_id)
    fresh = project.freshness_results.get(node.unique_id)
    below = [uid for uid in walk(node.unique_id, project.children) if uid != node.unique_id]
    return Page(
        unique_id=node.unique_id,
        name=node.label,
        kind=node.kind,
        description=_description(node),
        grain=_text(meta_of(node).get("grain")),
        layer=str(layer or ""),
        owner=owner_of(node, project),
        access=(model.access or model.config.access or "") if model else "",
        materialized=node.config.materialized or node.kind,
        has_contract=bool(model and model.has_contract),
        relation=_relation_name(node),
        package=node.package_name,
        file=node.original_file_path,
        tags=tuple(str(tag) for tag in node.tags) if isinstance(node.tags, list) else (),
        status=result.status if result else "",
        columns=columns,
        tests=_tests(project, node),
        metrics=_metrics(project, below),
        exposures=_exposures(project, below),
        neighbourhood=neighbourhood_of(project, node),
        query=_query(node, columns, project.adapter),
        tier=_text(meta_of(node).get("tier")),
        freshness=fresh.status if fresh else "",
        loaded_at=(fresh.max_loaded_at or "") if fresh else "",
        parents=project.parents[node.unique_id],
        readers=tuple(
            uid for uid in project.children[node.unique_id] if not uid.startswith(GUARDS)
        ),
    )


def _description(node: Relation) -> str:
    own = (node.description or "").strip()
    if not own and isinstance(node, Source):
        return (node.source_description or "").strip()
    return own


def _text(value: Any) -> str:
    """Return a meta value as text: a list of names becomes ``one row per a, b``'s ``a, b``."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _relation_name(node: Relation) -> str:
    if isinstance(node, Model) and node.materialized == "ephemeral":
        return ""
    if node.relation_name:
        return node.relation_name
    name = (node.identifier if isinstance(node, Source) else node.alias) or node.name
    return ".".join(part for part in (node.database, node.schema, name) if part)


def _columns(project: Project, node: Relation) -> tuple[ColumnEntry, ...]:
    """Return the columns in the catalog's order, then those that only YAML knows."""
    table = project.tables.get(node.unique_id)
    declared = {folded(column.name): column for column in node.columns.values()}
    built = {folded(column.name): column for column in table.in_order()} if table else {}
    checks = _checks(project, node)
    entries: list[ColumnEntry] = []
    roles, readers = roles_on(project, node), _readers_of_words(project, node)
    semantics = [u for u in project.children[node.unique_id] if u in project.semantic_models]
    for key in [*built, *(key for key in declared if key not in built)]:
        yaml, real = declared.get(key), built.get(key)
        comment = (real.comment or "") if real else ""
        entries.append(
            ColumnEntry(
                name=yaml.name if yaml else real.name if real else key,
                type=(real.type if real else yaml.data_type if yaml else "") or "",
                description=((yaml.description if yaml else "") or comment).strip(),
                tests=tuple(sorted(checks.get(key, ()))),
                is_declared=yaml is not None,
                is_built=None if table is None else real is not None,
                is_personal=is_marked(yaml) if yaml else None,
                roles=roles.get(key, ()),
                readers=(
                    *(uid for uid, words in readers if key in words),
                    *sorted(
                        {uid for one in semantics for uid in readers_through(project, one, {key})}
                    ),
                ),
            )
        )
    return tuple(entries)


def _checks(project: Project, node: Relation) -> dict[str, list[str]]:
    """Return what is tested of each column or held to by a contract, by folded name."""
    found: dict[str, list[str]] = {}
    for test in project.tests_by_node.get(node.unique_id, ()):
        for name in tested_columns(test) if test.is_generic else ():
            found.setdefault(name, []).append(_short_name(test))
    if isinstance(node, Model) and node.has_contract:
        for kind, names in constraints_on(node):
            for name in names:
                found.setdefault(name, []).append(f"{kind} (contract)")
    return found


def roles_on(project: Project, node: Relation) -> dict[str, tuple[str, ...]]:
    """Return what semantic models make of each column, by folded name."""
    found: dict[str, list[str]] = {}
    for uid in project.children.get(node.unique_id, ()):
        semantic = project.semantic_models.get(uid)
        if semantic is None:
            continue
        kinds = (("entity", semantic.entities), ("dimension", semantic.dimensions),
                 ("measure", semantic.measures))  # fmt: skip
        for kind, elements in kinds:
            for one in elements or ():
                expression = one.expr if isinstance(one.expr, str) and one.expr else one.name
                how = one.type if kind == "entity" else one.agg
                role = " ".join(word for word in (how, kind, one.name) if word)
                found.setdefault(folded(expression), []).append(role)
    return {column: tuple(sorted(roles)) for column, roles in found.items()}


def _readers_of_words(project: Project, node: Relation) -> list[tuple[str, frozenset[str]]]:
    """Return the models that read the node, each with all the words of its SQL."""
    readers = [project.models.get(uid) for uid in project.children.get(node.unique_id, ())]
    return [(one.unique_id, _words(one.compiled or one.code)) for one in readers if one]


@functools.lru_cache(maxsize=20_000)
def _words(code: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", code.lower()))


def _short_name(test: Test) -> str:
    """Return the test's type, for relationships with the place it points to."""
    to = test.arguments.get("to")
    if test.type_name == "relationships" and isinstance(to, str):
        return f"relationships to {referred(to) or to}"
    return test.type_name


def _tests(project: Project, node: Relation) -> tuple[TestEntry, ...]:
    """Return data tests and unit tests, those that failed first."""
    entries: list[TestEntry] = []
    unit_tests = project.unit_tests_by_model.get(node.unique_id, ())
    for test in (*project.tests_by_node.get(node.unique_id, ()), *unit_tests):
        result = project.results.get(test.unique_id)
        data = test if isinstance(test, Test) else None
        entries.append(
            TestEntry(
                unique_id=test.unique_id,
                name=test.name,
                kind=_short_name(data) if data else "unit test",
                columns=tested_columns(data) if data and data.is_generic else (),
                description=(test.description or "").strip(),
                status=result.status if result else "",
                failures=result.failures if result else None,
            )
        )
    good = ("pass", "success", "")
    return tuple(sorted(entries, key=lambda e: (e.status in good, e.columns, e.kind, e.unique_id)))


def _metrics(project: Project, below: list[str]) -> tuple[MetricEntry, ...]:
    found = [project.metrics[uid] for uid in below if uid in project.metrics]
    return tuple(_metric(metric) for metric in sorted(found, key=lambda metric: metric.name))


def _metric(metric: Metric) -> MetricEntry:
    return MetricEntry(
        unique_id=metric.unique_id,
        name=metric.name,
        type=metric.type or "",
        description=(metric.description or metric.label_ or "").strip(),
    )


def _exposures(project: Project, below: list[str]) -> tuple[ExposureEntry, ...]:
    found = [project.exposures[uid] for uid in below if uid in project.exposures]
    return tuple(_exposure(exposure) for exposure in sorted(found, key=lambda e: e.name))


def _exposure(exposure: Exposure) -> ExposureEntry:
    return ExposureEntry(
        unique_id=exposure.unique_id,
        name=exposure.label_ or exposure.name,
        type=exposure.type or "",
        owner=str(exposure.owner or ""),
        url=exposure.url or "",
    )


def _query(node: Relation, columns: tuple[ColumnEntry, ...], adapter: str) -> str:
    """Return a query to begin with, empty for what can't be queried."""
    relation = _relation_name(node)
    if not relation:
        return ""
    names = [_quoted(c.name, adapter) for c in columns if c.is_built is not False]
    shown = [f"    {name}" for name in names[:_QUERY_COLUMNS]] or ["    *"]
    more = "" if len(names) <= _QUERY_COLUMNS else f"  -- and {len(names) - _QUERY_COLUMNS} more"
    return "select\n" + ",\n".join(shown) + more + f"\nfrom {relation}\nlimit 10"


def _quoted(name: str, adapter: str) -> str:
    """Return a column name as SQL takes it: bare where it can be, else quoted."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    mark = "`" if adapter in _BACKTICK_ADAPTERS else '"'
    return mark + " ".join(name.replace(mark, mark * 2).split()) + mark
