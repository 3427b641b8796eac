"""The things of a dbt project, as typed, frozen structs: the keys we read and no others.

They are decoded straight from the manifest's JSON, so what is not named here is skipped without
being built. Two rules keep that both fast and safe:

- a field dbt is known to write as null is typed ``| None``; a field people shape freely
  (``meta``, ``unique_key``) is ``Any`` and read through a function that tidies it;
- whatever still has another type than expected costs that one field, not the run
  (see `analytics_tools.artifacts.salvage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from analytics_tools.artifacts.base import DependsOn, MacroDependsOn, Node, Record
from analytics_tools.artifacts.consumers import (
    Exposure,
    Metric,
    MetricAggregation,
    MetricParams,
    NameRef,
    Owner,
    SavedQuery,
    SavedQueryParams,
    SemanticElement,
    SemanticModel,
)

__all__ = [
    "GUARDS",
    "Analysis",
    "AnyNode",
    "CodeNode",
    "Column",
    "Config",
    "Constraint",
    "Contract",
    "Deadline",
    "Deadlines",
    "DependsOn",
    "DisabledNode",
    "Exposure",
    "Group",
    "Macro",
    "MacroDependsOn",
    "Metric",
    "MetricAggregation",
    "MetricParams",
    "Model",
    "NameRef",
    "NoModel",
    "Node",
    "Operation",
    "Owner",
    "Record",
    "Relation",
    "SavedQuery",
    "SavedQueryParams",
    "Seed",
    "SemanticElement",
    "SemanticModel",
    "Snapshot",
    "Source",
    "SqlOperation",
    "Test",
    "TestConfig",
    "TestMetadata",
    "UnitTest",
    "key_columns",
    "meta_of",
    "tags_of",
]


class Constraint(Record, frozen=True):
    """A declared constraint of a model (with `columns`) or of one column (without)."""

    type: str = ""
    columns: tuple[str, ...] | None = ()
    to: str | None = None
    expression: str | None = None


class Column(Record, frozen=True):
    """A column as declared in YAML."""

    name: str = ""
    description: str | None = ""
    data_type: str | None = None
    quote: bool | None = None
    constraints: tuple[Constraint, ...] | None = ()
    # dbt puts what stands below `config` here too.
    meta: Any = None
    tags: tuple[str, ...] | None = ()


class Contract(Record, frozen=True):
    """Whether dbt holds the model to its declared columns."""

    enforced: bool | None = False


class Config(Record, frozen=True):
    """The part of a node's configuration that the analyses read."""

    materialized: str | None = None
    incremental_strategy: str | None = None
    on_schema_change: str | None = None
    unique_key: Any = None
    meta: Any = None
    group: str | None = None
    access: str | None = None
    contract: Contract | None = None


class Relation(Node, frozen=True):
    """A node that is, or becomes, a table or view of the warehouse."""

    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    relation_name: str | None = None
    columns: dict[str, Column] = msgspec.field(default_factory=dict)
    meta: Any = None
    tags: Any = ()
    config: Config = Config()


class Model(Relation, frozen=True, tag_field="resource_type", tag="model"):
    """A model. Read its code through `code` and `compiled`: dbt before 1.3 called them `*_sql`."""

    depends_on: MacroDependsOn = MacroDependsOn()
    raw_code: str | None = None
    raw_sql: str | None = None
    compiled_code: str | None = None
    compiled_sql: str | None = None
    language: str | None = "sql"
    access: str | None = None
    group: str | None = None
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    deprecation_date: str | None = None
    constraints: tuple[Constraint, ...] | None = ()
    contract: Contract | None = None
    patch_path: str | None = None

    @property
    def label(self) -> str:
        """The model's name, with its version where it has one."""
        return self.name if self.version is None else f"{self.name}.v{self.version}"

    @property
    def is_latest(self) -> bool:
        """Whether the model is the version that a `ref` without a version means."""
        return self.version is not None and str(self.version) == str(self.latest_version)

    @property
    def code(self) -> str:
        """The code as written, with its Jinja."""
        return self.raw_code or self.raw_sql or ""

    @property
    def compiled(self) -> str:
        """The code as sent to the warehouse; empty when dbt only parsed the project."""
        return self.compiled_code or self.compiled_sql or ""

    @property
    def materialized(self) -> str:
        """How the model is stored: view, table, incremental, ephemeral or an adapter's own word."""
        return self.config.materialized or "view"

    @property
    def has_contract(self) -> bool:
        """Whether the model's contract is enforced."""
        contract = self.contract or self.config.contract
        return bool(contract and contract.enforced)

    @property
    def is_public(self) -> bool:
        """Whether other projects and people outside may build on the model."""
        return (self.access or self.config.access) == "public"


class Seed(Relation, frozen=True, tag_field="resource_type", tag="seed"):
    """A CSV file that dbt loads."""


class Snapshot(Relation, frozen=True, tag_field="resource_type", tag="snapshot"):
    """The history dbt keeps of a relation."""

    depends_on: DependsOn = DependsOn()


class Analysis(Node, frozen=True, tag_field="resource_type", tag="analysis"):
    """A query that dbt compiles and does not run."""

    depends_on: DependsOn = DependsOn()


class Operation(Node, frozen=True, tag_field="resource_type", tag="operation"):
    """An on-run-start or on-run-end hook."""

    depends_on: DependsOn = DependsOn()


class SqlOperation(Node, frozen=True, tag_field="resource_type", tag="sql_operation"):
    """An inline query that was compiled when the manifest was written."""

    depends_on: DependsOn = DependsOn()


class TestMetadata(Record, frozen=True):
    """Which generic test it is, and with which arguments."""

    name: str = ""
    namespace: str | None = None
    kwargs: Any = None


class TestConfig(Record, frozen=True):
    """What a test's failures mean, and of which rows it speaks."""

    severity: str | None = None
    where: str | None = None


class Test(Node, frozen=True, tag_field="resource_type", tag="test"):
    """A data test: generic when it has metadata, else singular (a query of its own)."""

    depends_on: DependsOn = DependsOn()
    column_name: str | None = None
    attached_node: str | None = None
    test_metadata: TestMetadata | None = None
    config: TestConfig = TestConfig()

    @property
    def is_generic(self) -> bool:
        """Whether the test is an instance of a generic test."""
        return self.test_metadata is not None

    @property
    def type_name(self) -> str:
        """``unique``, ``dbt_utils.expression_is_true``, or ``singular``."""
        if self.test_metadata is None:
            return "singular"
        space = self.test_metadata.namespace
        return f"{space}.{self.test_metadata.name}" if space else self.test_metadata.name

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of a generic test, flat: dbt nests some below `arguments`."""
        kwargs = self.test_metadata.kwargs if self.test_metadata else None
        if not isinstance(kwargs, dict):
            return {}
        nested = kwargs.get("arguments")
        return {**kwargs, **nested} if isinstance(nested, dict) else kwargs


class Deadline(Record, frozen=True):
    """How late a source may be: a number of periods; no number, no deadline."""

    count: int | None = None
    period: str | None = None


class Deadlines(Record, frozen=True):
    """From when on a source is late, and from when on too late."""

    warn_after: Deadline | None = None
    error_after: Deadline | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any deadline at all."""
        return any(one is not None and one.count for one in (self.warn_after, self.error_after))


class Source(Relation, frozen=True):
    """A table that something else than dbt fills."""

    source_name: str = ""
    identifier: str | None = None
    source_description: str | None = ""
    loaded_at_field: str | None = None
    freshness: Deadlines | None = None

    @property
    def label(self) -> str:
        """``source.table``, as in the `source()` call."""
        return f"{self.source_name}.{self.name}"


class UnitTest(Node, frozen=True):
    """A unit test of a model."""

    model: str | None = ""
    version: str | int | float | None = None
    tested_node_unique_id: str | None = None  # written by dbt v2
    depends_on: DependsOn = DependsOn()


class Group(Record, frozen=True):
    """A set of models with one owner."""

    name: str = ""
    package_name: str = ""
    owner: Owner | None = None


class Macro(Record, frozen=True):
    """A macro, as far as we must know what it calls."""

    name: str = ""
    package_name: str = ""
    depends_on: MacroDependsOn = MacroDependsOn()


class DisabledNode(Record, frozen=True):
    """Something present in the code and switched off."""

    unique_id: str = ""
    name: str = ""
    resource_type: str = ""
    original_file_path: str = ""


NoModel: TypeAlias = Seed | Snapshot | Analysis | Operation | SqlOperation | Test
CodeNode: TypeAlias = Model | NoModel
AnyNode: TypeAlias = CodeNode | Source | UnitTest | Exposure | Metric | SemanticModel | SavedQuery

# Unique ids of what reads others and is read by nobody begin so.
GUARDS = ("test.", "unit_test.", "operation.", "sql_operation.", "analysis.")


def meta_of(node: Relation) -> Mapping[str, Any]:
    """Return the node's `meta`, merged with `config.meta` (which wins, as in dbt)."""
    own, configured = node.meta, node.config.meta
    if not own and not configured:  # as nearly everywhere
        return {}
    merged: dict[str, Any] = {}
    for meta in (own, configured):
        if isinstance(meta, dict):
            merged.update(meta)
    return merged


def tags_of(tags: Any) -> tuple[str, ...]:
    """Return tags (one, several or none) as a tuple."""
    if isinstance(tags, str):
        return (tags,)
    return tuple(str(tag) for tag in tags) if isinstance(tags, list | tuple) else ()


def key_columns(value: Any) -> tuple[str, ...]:
    """Return a `unique_key`-like setting (a name, a list of names, or nothing) as names."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value if isinstance(item, str))
    return ()
