"""What rules need to know of the whole project, worked out once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.nodes import (
    Column,
    Exposure,
    Metric,
    SemanticModel,
    Source,
    Test,
)
from analytics_tools.graph import chain_lengths, in_order, reach_counts, turned_round
from analytics_tools.layers import Layer, Placement
from analytics_tools.score.alike import same_code, same_text
from analytics_tools.score.columns import (
    ColumnFacts,
    built_columns,
    column_facts,
    columns_of_others,
    common_names,
    notes_on,
)
from analytics_tools.score.keys import KeyFacts, folded, key_facts
from analytics_tools.score.names import dimensions_first, entity_of, owner_of
from analytics_tools.score.pii import is_marked
from analytics_tools.score.settings import ScoreSettings
from analytics_tools.sql.text import in_lower_case

_NO_KEYS = KeyFacts()
_VERSION = re.compile(r"(\d+)\.(\d+)")


class Facts:
    """The project as rules see it. What costs time is computed when first asked for, then kept."""

    def __init__(self, project: Project, settings: ScoreSettings | None = None) -> None:
        self.project = project
        self.settings = settings or ScoreSettings()
        self.limits = self.settings.limits
        # At once, so that columns of an odd shape are noticed before any rule runs.
        self.notes = notes_on(project)
        self._ways: dict[tuple[str, str, str], bool] = {}
        self._lower_compiled: dict[str, str] = {}
        # Rules ask several times for one model's columns, then for the next model's.
        self._columns_of: tuple[str, ColumnFacts] = ("", ColumnFacts({}, {}))

    @cached_property
    def placements(self) -> Mapping[str, Placement]:
        """Where each model stands."""
        place = self.settings.conventions.place
        return {uid: place(model) for uid, model in self.project.models.items()}

    @cached_property
    def keys(self) -> Mapping[str, KeyFacts]:
        """What is known of each model's keys."""
        tests = self.project.tests_by_node
        return {
            uid: key_facts(model, tests.get(uid, ()), self.project.adapter)
            for uid, model in self.project.models.items()
        }

    @cached_property
    def homes(self) -> Mapping[str, tuple[str, str]]:
        """For each entity, the model with one row of it, and that model's key column.

        ``customer`` lives in `dim_customer`: a home is named after the entity, its key is one
        tested column, and it is no staging or intermediate model. Dimensions come first.
        """
        homes: dict[str, tuple[str, str]] = {}
        models = self.project.models
        placed = self.placements.items()
        possible = [models[uid] for uid, one in placed if one.layer in (Layer.MARTS, None)]
        for model in sorted(possible, key=dimensions_first):
            uid = model.unique_id
            for key in self.keys[uid].keys:
                if len(key.columns) == 1:
                    homes.setdefault(entity_of(model.name), (uid, key.columns[0]))
        return homes

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """1 plus the number of models downstream, for each node."""
        reach = reach_counts(self._order, self.readers, self.project.models)
        return {uid: 1 + count for uid, count in reach.items()}

    @cached_property
    def _parents(self) -> Mapping[str, tuple[str, ...]]:
        """The parents of all nodes but tests and the like, which nothing reads."""
        project = self.project
        others = (
            project.exposures, project.metrics, project.semantic_models, project.saved_queries,
        )  # fmt: skip
        return {uid: project.parents[uid] for uid in chain(project.relations, *others)}

    @cached_property
    def _order(self) -> list[str]:
        return in_order(self._parents, self.readers)

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """What reads each node directly, tests and the like left out, by unique id."""
        return turned_round(self._parents)

    @cached_property
    def view_chains(self) -> Mapping[str, int]:
        """How many views, one on the other, end in each node."""
        models = self.project.models.items()
        views = {uid for uid, one in models if one.materialized in ("view", "ephemeral")}
        return chain_lengths(self._order, self._parents, views.__contains__)

    @cached_property
    def incremental_macros(self) -> frozenset[str]:
        """Macros that ask is_incremental(), by themselves or through others."""
        callers: dict[str, list[str]] = {}
        for uid, macro in self.project.macros.items():
            for called in macro.depends_on.macros:
                callers.setdefault(called, []).append(uid)
        found = {uid for uid in self.project.macros if uid.endswith(".is_incremental")}
        found.add("macro.dbt.is_incremental")
        todo = list(found)
        while todo:
            for caller in callers.get(todo.pop(), ()):
                if caller not in found:
                    found.add(caller)
                    todo.append(caller)
        return frozenset(found)

    def in_layer(self, package: str, layer: Layer) -> tuple[Model, ...]:
        """Return a package's models of a layer, told by its own folders and prefixes."""
        return self._by_layer.get((package, layer), ())

    @cached_property
    def _by_layer(self) -> Mapping[tuple[str, Layer], tuple[Model, ...]]:
        found: dict[tuple[str, Layer], list[Model]] = {}
        for uid, placed in self.placements.items():
            if placed.layer is not None and not placed.is_medallion:
                model = self.project.models[uid]
                found.setdefault((model.package_name, placed.layer), []).append(model)
        return {key: tuple(models) for key, models in found.items()}

    def is_guided(self, model: Model) -> bool:
        """Whether the structure guide's rules for layers speak of the model: its package stages."""
        is_medallion = self.placements[model.unique_id].is_medallion
        return model.package_name in self._staged and not is_medallion

    @cached_property
    def _staged(self) -> frozenset[str]:
        return frozenset(package for package, layer in self._by_layer if layer is Layer.STAGING)

    def is_their_way(self, model: Model, sign: re.Pattern[str]) -> bool:
        """Whether half of the models of its layer or more, of at least four, bear a sign."""
        layer = self.placements[model.unique_id].layer
        key = (model.package_name, str(layer), sign.pattern)
        if key not in self._ways and layer is not None:
            neighbours = self.in_layer(model.package_name, layer)
            bearing = sum(sign.search(one.code) is not None for one in neighbours)
            self._ways[key] = len(neighbours) >= 4 and bearing * 2 >= len(neighbours)
        return self._ways.get(key, False)

    @cached_property
    def unread(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """By package and layer: how many models there are, and how many of them nothing reads."""
        return {
            (package, str(layer)): (len(models), sum(not self.readers_of(one) for one in models))
            for (package, layer), models in self._by_layer.items()
        }

    @cached_property
    def watched_sources(self) -> frozenset[str]:
        """The sources of which at least one table has a deadline or a time column."""
        return frozenset(
            source.source_name
            for source in self.project.sources.values()
            if source.loaded_at_field or (source.freshness and source.freshness.is_set)
        )

    def is_step(self, model: Model) -> bool:
        """Whether the model is a step on the way to another one and nobody's destination.

        That is an ephemeral model, or a view that staging models read and nothing else does.
        """
        if model.materialized == "ephemeral":
            return True
        if model.materialized != "view":
            return False
        models = self.project.models
        readers = self.readers_of(model)
        return bool(readers) and all(
            uid in models and self.placements[uid].layer is Layer.STAGING for uid in readers
        )

    def leaves_steps_bare(self, package: str) -> bool:
        """Whether most of the package's steps, of four at least, have no description."""
        steps, bare = self._steps.get(package, (0, 0))
        return steps >= 4 and bare * 2 > steps

    @cached_property
    def _steps(self) -> Mapping[str, tuple[int, int]]:
        steps = [model for model in self.project.models.values() if self.is_step(model)]
        all_of = Counter(model.package_name for model in steps)
        bare = Counter(one.package_name for one in steps if not (one.description or "").strip())
        return {package: (count, bare[package]) for package, count in all_of.items()}

    @cached_property
    def naming(self) -> Mapping[tuple[str, Layer], tuple[int, int]]:
        """By package and layer: how many models lie in its folders, how many bear its prefix."""
        lying: Counter[tuple[str, Layer]] = Counter()
        named: Counter[tuple[str, Layer]] = Counter()
        for uid, placed in self.placements.items():
            if placed.by_folder is not None and not placed.is_medallion:
                key = (self.project.models[uid].package_name, placed.by_folder)
                lying[key] += 1
                named[key] += placed.by_name is placed.by_folder
        return {key: (count, named[key]) for key, count in lying.items()}

    @cached_property
    def has_unit_tests(self) -> bool:
        """Whether the dbt that wrote the manifest knows unit tests (1.8 and later)."""
        match = _VERSION.match(self.project.dbt_version)
        return match is not None and (int(match.group(1)), int(match.group(2))) >= (1, 8)

    def lower_code(self, model: Model) -> str:
        """Return the model's code in lower case, for a quick look at its words."""
        return in_lower_case(model.code)

    def lower_compiled(self, model: Model) -> str:
        """Return the model's compiled code in lower case; kept, for all its parents ask."""
        kept = self._lower_compiled
        if model.unique_id not in kept:
            kept[model.unique_id] = model.compiled.lower()
        return kept[model.unique_id]

    def columns(self, model: Model) -> ColumnFacts:
        """Return the model's columns, as built and as declared, by folded name."""
        if self._columns_of[0] != model.unique_id:
            found = column_facts(model, self.project.tables.get(model.unique_id))
            self._columns_of = (model.unique_id, found)
        return self._columns_of[1]

    def column_names(self, model: Model) -> AbstractSet[str]:
        """Return the names of the model's columns as they are written: built, or else declared."""
        return self.built(model) or self.declared(model)

    def declared(self, model: Model) -> AbstractSet[str]:
        """Return the names of the columns that YAML declares."""
        return self.notes.declared[model.unique_id]

    def built(self, model: Model) -> AbstractSet[str] | None:
        """Return the names of the columns in the catalog; None where it lacks the model."""
        return self.notes.built.get(model.unique_id)

    def readers_of(self, model: Model) -> tuple[str, ...]:
        """Return the unique ids of what reads the model directly, tests and the like left out."""
        return self.readers.get(model.unique_id, ())

    def is_mart(self, model: Model) -> bool:
        """Whether the model is made for people outside: a mart, public, or read by an exposure."""
        return model.unique_id in self.marts

    @cached_property
    def marts(self) -> AbstractSet[str]:
        """The models made for people outside."""
        placed = {uid for uid, one in self.placements.items() if one.layer is Layer.MARTS}
        return placed | self.public | self.exposures_by_parent.keys()

    @cached_property
    def public(self) -> frozenset[str]:
        """The models that outsiders may build on."""
        return frozenset(uid for uid, model in self.project.models.items() if model.is_public)

    @cached_property
    def twins(self) -> Mapping[str, tuple[str, ...]]:
        """Models of one package with the very same code and parents, by each one's unique id."""
        return same_code(self.project)

    @cached_property
    def texts(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Models by package and description, where more than one has the same."""
        return same_text(self.project)

    def undescribed(self, model: Model) -> tuple[str, ...]:
        """Return the names of declared columns whose description says nothing."""
        return self.notes.undescribed.get(model.unique_id, ())

    @cached_property
    def house_columns(self) -> frozenset[str]:
        """The columns that most tables of the project have, such as the time of the last build."""
        return common_names(self.project, self.notes.built)

    def annotated(self, model: Model) -> tuple[Column, ...]:
        """Return the model's declared columns with meta, tags, a type or constraints."""
        return self.notes.annotated.get(model.unique_id, ())

    @cached_property
    def marks_personal_data(self) -> bool:
        """Whether any column of the project is marked as personal, or as not."""
        noted = chain.from_iterable(self.notes.annotated.values())
        columns = chain(noted, columns_of_others(self.project))
        return any(is_marked(one) is not None for one in columns if one.meta or one.tags)

    @cached_property
    def owned_marts(self) -> Mapping[str, tuple[int, int]]:
        """By package: how many marts there are, and how many of them name an owner."""
        marts: Counter[str] = Counter()
        owned: Counter[str] = Counter()
        for uid, placed in self.placements.items():
            if placed.layer is Layer.MARTS:
                model = self.project.models[uid]
                marts[model.package_name] += 1
                owned[model.package_name] += bool(owner_of(model))
        return {package: (count, owned[package]) for package, count in marts.items()}

    @cached_property
    def metrics_by_model(self) -> Mapping[str, tuple[Metric, ...]]:
        """Simple metrics by the model that their semantic model stands on."""
        found: dict[str, list[Metric]] = {}
        for uid, semantic in sorted(self.project.semantic_models.items()):
            metrics = [m for m in self.readers.get(uid, ()) if m in self.project.metrics]
            for model in semantic.depends_on.nodes:
                found.setdefault(model, []).extend(self.project.metrics[m] for m in metrics)
        return {uid: tuple(metrics) for uid, metrics in found.items()}

    def metrics_of(self, model: Model) -> tuple[Metric, ...]:
        """Return the metrics that take their numbers from the model itself."""
        return self.metrics_by_model.get(model.unique_id, ())

    def semantics_of(self, model: Model) -> tuple[SemanticModel, ...]:
        """Return the semantic models that stand on the model."""
        known = self.project.semantic_models
        return tuple(known[uid] for uid in self.readers_of(model) if uid in known)

    @cached_property
    def declared_as_built(self) -> frozenset[str]:
        """The models that declare the very columns of the catalog: most of a tidy project."""
        declared = self.notes.declared
        return frozenset(uid for uid, names in self.notes.built.items() if names is declared[uid])

    def undeclared(self, model: Model) -> tuple[str, ...]:
        """Return the columns that the catalog has and YAML hasn't, in the catalog's order."""
        if model.unique_id in self.declared_as_built:
            return ()
        built = self.built(model)
        if built is None or built <= self.declared(model):
            return ()
        declared = set(map(folded, self.declared(model)))
        columns = built_columns(self.project.tables[model.unique_id])
        return tuple(name for key, name in columns.items() if key not in declared)

    def keys_of(self, model: Model) -> KeyFacts:
        """Return what is known of the model's keys."""
        return self.keys.get(model.unique_id, _NO_KEYS)

    def tests_of(self, model: Model) -> tuple[Test, ...]:
        """Return the data tests on the model."""
        return self.project.tests_by_node.get(model.unique_id, ())

    def sources_of(self, model: Model) -> tuple[Source, ...]:
        """Return the sources the model reads directly."""
        return self.sources_by_reader.get(model.unique_id, ())

    @cached_property
    def sources_by_reader(self) -> Mapping[str, tuple[Source, ...]]:
        """The sources that each node reads directly."""
        found: dict[str, list[Source]] = {}
        for uid, source in sorted(self.project.sources.items()):
            for reader in self.readers.get(uid, ()):
                found.setdefault(reader, []).append(source)
        return {uid: tuple(sources) for uid, sources in found.items()}

    def exposures_of(self, model: Model) -> tuple[Exposure, ...]:
        """Return the exposures that read the model directly."""
        return self.exposures_by_parent.get(model.unique_id, ())

    @cached_property
    def exposures_by_parent(self) -> Mapping[str, tuple[Exposure, ...]]:
        """The exposures that read each node directly."""
        found: dict[str, list[Exposure]] = {}
        for uid, exposure in sorted(self.project.exposures.items()):
            for parent in self.project.parents[uid]:
                found.setdefault(parent, []).append(exposure)
        return {uid: tuple(exposures) for uid, exposures in found.items()}
