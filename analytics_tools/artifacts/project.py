"""One dbt project, read-only: the manifest and its companions as the analyses want them."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from analytics_tools.artifacts.companions import (
    Catalog,
    CatalogTable,
    Freshness,
    FreshnessResult,
    RunResult,
    RunResults,
)
from analytics_tools.artifacts.manifest import Manifest, graph_sections
from analytics_tools.artifacts.naming import names_by_model
from analytics_tools.artifacts.nodes import (
    AnyNode,
    CodeNode,
    DisabledNode,
    Exposure,
    Group,
    Macro,
    Metric,
    Model,
    Node,
    Relation,
    SavedQuery,
    SemanticModel,
    Source,
    Test,
    UnitTest,
)
from analytics_tools.graph import turned_round

K = TypeVar("K", bound=Node)

_REF = re.compile(r"""ref\(\s*(?:['"](\w+)['"]\s*,\s*)?['"]([^'"]+)['"]""")
_SOURCE = re.compile(r"""source\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True)
class Project:
    """A dbt project as its artifacts tell it. Build it with `project_of` or `load_project`.

    `parents` and `children` hold only ids that are in `nodes_by_id`, each list sorted and without
    repetition, so that nothing depends on the order of the file.
    """

    name: str
    adapter: str
    dbt_version: str
    schema_version: int
    generated_at: str
    nodes: Mapping[str, CodeNode]
    sources: Mapping[str, Source]
    exposures: Mapping[str, Exposure]
    metrics: Mapping[str, Metric]
    semantic_models: Mapping[str, SemanticModel]
    saved_queries: Mapping[str, SavedQuery]
    unit_tests: Mapping[str, UnitTest]
    groups: Mapping[str, Group]
    macros: Mapping[str, Macro]
    disabled: tuple[DisabledNode, ...]
    parents: Mapping[str, tuple[str, ...]]
    catalog: Catalog | None = None
    run_results: RunResults | None = None
    freshness: Freshness | None = None
    notes: tuple[str, ...] = field(default=())
    path: str = field(default="", compare=False)  # of the manifest, to be named in errors

    @cached_property
    def nodes_by_id(self) -> Mapping[str, AnyNode]:
        """Everything that has a place in the graph, by unique id."""
        return {
            **self.nodes,
            **self.sources,
            **self.exposures,
            **self.metrics,
            **self.semantic_models,
            **self.saved_queries,
            **self.unit_tests,
        }

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What stands directly below each node."""
        return {**dict.fromkeys(self.parents, ()), **turned_round(self.parents)}

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """All enabled models, those of packages included, by unique id."""
        found = self._of_class(Model)
        return {uid: found[uid] for uid in sorted(found)}

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """Models, seeds, snapshots and sources."""
        return {**self.sources, **self._of_class(Relation)}

    def _of_class(self, cls: type[K]) -> dict[str, K]:
        found: dict[str, K] = {}
        for kind, nodes in self._by_class.items():
            if issubclass(kind, cls):
                found.update(nodes)
        return found

    @cached_property
    def _by_class(self) -> Mapping[type[CodeNode], dict[str, Any]]:
        """`nodes`, taken apart once: most of them are tests."""
        found: dict[type[CodeNode], dict[str, Any]] = {}
        for uid, node in self.nodes.items():
            kind = type(node)
            if kind not in found:
                found[kind] = {}
            found[kind][uid] = node
        return found

    @cached_property
    def tests_by_node(self) -> Mapping[str, tuple[Test, ...]]:
        """Data tests by the node they check. A singular test checks every node it reads."""
        found: dict[str, list[Test]] = {}
        for test in self._of_class(Test).values():
            own = test.attached_node  # as nearly all have it
            for uid in (own,) if own else tested_nodes(test, self):
                tests = found.get(uid)
                if tests is None:
                    found[uid] = [test]
                else:
                    tests.append(test)
        for tests in found.values():
            if len(tests) > 1:
                tests.sort(key=_by_id)
        return {uid: tuple(tests) for uid, tests in found.items()}

    @cached_property
    def unit_tests_by_model(self) -> Mapping[str, tuple[UnitTest, ...]]:
        """Unit tests by the model they run."""
        found: dict[str, list[UnitTest]] = {}
        for test in self.unit_tests.values():
            for uid in _unit_tested(test, self):
                found.setdefault(uid, []).append(test)
        return {uid: tuple(sorted(tests, key=_by_id)) for uid, tests in found.items()}

    @cached_property
    def named_elements(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """By semantic model, the metrics and saved queries that name its dimensions and entities
        in a filter or a grouping, and which of them."""
        return names_by_model(self.semantic_models, self.metrics, self.saved_queries)

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """`children`, and for a semantic model also who names its dimensions and entities.

        To dbt's graph a saved query that groups by the region of a store has to do with sales
        alone.
        """
        named = {
            uid: tuple(sorted({*self.children.get(uid, ()), *readers}))
            for uid, readers in self.named_elements.items()
        }
        return {**self.children, **named} if named else self.children

    @cached_property
    def tables(self) -> Mapping[str, CatalogTable]:
        """The catalog's relations by unique id; empty without a catalog."""
        return self.catalog.tables if self.catalog else {}

    @cached_property
    def results(self) -> Mapping[str, RunResult]:
        """The last run's results by unique id; empty when nothing was run, only compiled."""
        if self.run_results is None or not self.run_results.was_executed:
            return {}
        return {result.unique_id: result for result in self.run_results.results}

    @cached_property
    def freshness_results(self) -> Mapping[str, FreshnessResult]:
        """The last freshness check by unique id of the source; empty without one."""
        return {r.unique_id: r for r in self.freshness.results} if self.freshness else {}

    def group_named(self, name: str | None) -> Group | None:
        """Return the group of that name, the project's own before a package's."""
        if not name:
            return None
        named = [group for _, group in sorted(self.groups.items()) if group.name == name]
        own = [group for group in named if group.package_name == self.name]
        return next(iter(own or named), None)


def project_of(
    manifest: Manifest,
    schema_version: int,
    *,
    catalog: Catalog | None = None,
    run_results: RunResults | None = None,
    freshness: Freshness | None = None,
    notes: tuple[str, ...] = (),
    path: str = "",
) -> Project:
    """Put a decoded manifest and its companions together."""
    return Project(
        name=_root_package(manifest),
        adapter=manifest.metadata.adapter_type or "",
        dbt_version=manifest.metadata.dbt_version or "",
        schema_version=schema_version,
        generated_at=manifest.metadata.generated_at or "",
        nodes=manifest.nodes,
        sources=manifest.sources,
        exposures=manifest.exposures,
        metrics=manifest.metrics,
        semantic_models=manifest.semantic_models,
        saved_queries=manifest.saved_queries,
        unit_tests=manifest.unit_tests,
        groups=manifest.groups,
        macros=manifest.macros,
        disabled=_flat(manifest.disabled),
        parents=_parents(manifest),
        catalog=catalog,
        run_results=run_results,
        freshness=freshness,
        notes=notes,
        path=path,
    )


def tested_nodes(test: Test, project: Project) -> tuple[str, ...]:
    """Return the ids of the nodes a data test checks.

    dbt names the node since 1.5 (`attached_node`). Before, the model of a generic test is found in
    its `model` argument, for a relationships test depends on two.
    """
    if test.attached_node:
        return (test.attached_node,)
    read = project.parents.get(test.unique_id, ())
    if not test.is_generic or len(read) < 2:
        return read
    named = "." + referred(str(test.arguments.get("model", "")))
    matching = tuple(uid for uid in read if uid.endswith(named))
    return matching or read


def _unit_tested(test: UnitTest, project: Project) -> tuple[str, ...]:
    """Return the model a unit test runs: among those it depends on, the one it names."""
    named = test.tested_node_unique_id
    if named and named in project.nodes:
        return (named,)
    read = [project.nodes.get(uid) for uid in project.parents.get(test.unique_id, ())]
    return tuple(
        node.unique_id
        for node in read
        if isinstance(node, Model)
        and test.model in (node.name, node.label, node.unique_id)
        and (test.version is None or str(test.version) == str(node.version))
    )


def referred(jinja: str) -> str:
    """Return what a `ref` or `source` call in `jinja` names: ``orders`` or ``shop.raw_orders``."""
    source = _SOURCE.search(jinja)
    if source:
        return f"{source.group(1)}.{source.group(2)}"
    ref = _REF.search(jinja)
    return ref.group(2) if ref else ""


_by_id = operator.attrgetter("unique_id")


def _parents(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """Return the direct parents of every node, as far as they are in the manifest."""
    sections = graph_sections(manifest)
    # Each id is one string from here on: looking one up then reads no second copy of it.
    known = {uid: uid for section in sections for uid in section}
    semantic = _SemanticNames(manifest)
    parents: dict[str, tuple[str, ...]] = {}
    for section in sections:
        if section is manifest.sources:
            parents.update(dict.fromkeys(section, ()))
            continue
        for uid, node in section.items():
            depends_on = getattr(node, "depends_on", None)
            above: tuple[str, ...] = depends_on.nodes if depends_on else ()
            if not above and isinstance(node, Metric | SavedQuery):
                above = tuple(semantic.parents_of(node))
            if len(above) == 1:  # nearly all tests
                own = known.get(above[0], uid)
                parents[uid] = () if own is uid else (own,)
            else:
                parents[uid] = tuple(sorted({known[p] for p in above if p in known and p != uid}))
    return parents


class _SemanticNames:
    """Finds what metrics and saved queries name, for versions that don't list it as dependency."""

    def __init__(self, manifest: Manifest) -> None:
        self._metrics = {metric.name: uid for uid, metric in manifest.metrics.items()}
        self._models = {model.name: uid for uid, model in manifest.semantic_models.items()}
        self._measures = {
            measure.name: uid
            for uid, model in manifest.semantic_models.items()
            for measure in model.measures or ()
        }

    def parents_of(self, node: Metric | SavedQuery) -> list[str]:
        """Return the ids of the semantic models and metrics that `node` names."""
        if isinstance(node, SavedQuery):
            names = (node.query_params.metrics or ()) if node.query_params else ()
            return [self._metrics[name] for name in names if name in self._metrics]
        params = node.type_params
        if params is None:
            return []
        refs = (params.numerator, params.denominator, *(params.metrics or ()))
        found = [self._metrics[ref.name] for ref in refs if ref and ref.name in self._metrics]
        measures = (params.measure, *(params.input_measures or ()))
        found += [self._measures[m.name] for m in measures if m and m.name in self._measures]
        direct = params.metric_aggregation_params
        if direct and direct.semantic_model in self._models:
            found.append(self._models[direct.semantic_model])
        return found


def _flat(
    disabled: Mapping[str, tuple[DisabledNode, ...]] | tuple[DisabledNode, ...] | None,
) -> tuple[DisabledNode, ...]:
    if not disabled:
        return ()
    if isinstance(disabled, Mapping):
        return tuple(node for group in disabled.values() for node in group)
    return disabled


def _root_package(manifest: Manifest) -> str:
    """Return the name of the project that dbt ran in.

    dbt writes it since 1.6; before, it wrote the MD5 of the name.
    """
    if manifest.metadata.project_name:
        return manifest.metadata.project_name
    import hashlib  # brings OpenSSL with it

    packages = {node.package_name for node in manifest.nodes.values()}
    packages |= {macro.package_name for macro in manifest.macros.values()}
    for package in sorted(packages):
        digest = hashlib.md5(package.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        if digest == manifest.metadata.project_id:
            return package
    return ""
