"""What only lineage and changes ask of a manifest, read when they do: code, checksums, settings.

The manifest is decoded a second time for it, so that the other commands don't pay. Next to
everything is free-form, for it is compared rather than understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from analytics_tools.artifacts.nodes import Record
from analytics_tools.artifacts.reading import decode_any, paused_collector, read_bytes


def items_of(value: Any) -> list[Any]:
    """Return a list of a manifest as it is, and nothing where something else is in its place."""
    return value if isinstance(value, list) else []


def keys_of(value: Any) -> dict[str, Any]:
    """Return an object of a manifest as it is, and nothing where something else is in its place."""
    return value if isinstance(value, dict) else {}


# The packages of dbt's adapters.
DBT_ADAPTERS = frozenset(
    [
        "dbt_duckdb",
        "dbt_postgres",
        "dbt_snowflake",
        "dbt_bigquery",
        "dbt_redshift",
        "dbt_spark",
        "dbt_databricks",
        "dbt_trino",
        "dbt_clickhouse",
        "dbt_athena",
        "dbt_fabric",
        "dbt_sqlserver",
        "dbt_oracle",
        "dbt_sqlite",
        "dbt_synapse",
        "dbt_teradata",
    ]
)


class ColumnCode(Record, frozen=True):
    """A declared column, as far as it bears on what is built."""

    name: Any = ""
    data_type: Any = None
    constraints: Any = None
    description: Any = None
    granularity: Any = None


class NodeCode(Record, frozen=True):
    """A node's code and settings, raw."""

    raw_code: Any = None
    raw_sql: Any = None
    compiled_code: Any = None
    compiled_sql: Any = None
    language: Any = None
    checksum: Any = None
    config: Any = None
    unrendered_config: Any = None
    unrendered_schema: Any = None
    unrendered_database: Any = None
    columns: dict[str, ColumnCode] | None = None
    constraints: Any = None
    contract: Any = None
    time_spine: Any = None
    depends_on: Any = None
    test_metadata: Any = None
    column_name: Any = None
    description: Any = None
    source_meta: Any = None
    meta: Any = None
    tags: Any = None
    external: Any = None
    root_path: Any = None
    group: Any = None
    access: Any = None
    deprecation_date: Any = None

    @property
    def raw(self) -> str:
        """The code as written."""
        return str(self.raw_code or self.raw_sql or "")

    @property
    def compiled(self) -> str:
        """The code as sent to the warehouse, empty when it was only parsed."""
        return str(self.compiled_code or self.compiled_sql or "")

    @property
    def settings(self) -> Mapping[str, Any]:
        """The rendered configuration."""
        return self.config if isinstance(self.config, dict) else {}

    @property
    def parents(self) -> tuple[str, ...]:
        """What the code reads or calls besides macros, by unique id."""
        return parents_of(self.depends_on)

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros that the code calls, by unique id."""
        found = self.depends_on.get("macros") if isinstance(self.depends_on, dict) else None
        return tuple(str(one) for one in items_of(found))


def parents_of(depends_on: Any) -> tuple[str, ...]:
    """Return what an entry's `depends_on` names besides macros, by unique id."""
    found = depends_on.get("nodes") if isinstance(depends_on, dict) else None
    return tuple(str(one) for one in items_of(found))


class MacroCode(Record, frozen=True):
    """A macro."""

    name: Any = ""
    package_name: Any = ""
    macro_sql: Any = ""
    depends_on: Any = None

    @property
    def calls(self) -> tuple[str, ...]:
        """The macros it calls, by unique id."""
        found = self.depends_on.get("macros") if isinstance(self.depends_on, dict) else None
        return tuple(str(one) for one in items_of(found))


class Code(Record, frozen=True):
    """The part of a manifest that is compared as it stands."""

    metadata: Any = None
    nodes: dict[str, NodeCode] = msgspec.field(default_factory=dict)
    sources: dict[str, NodeCode] = msgspec.field(default_factory=dict)
    macros: dict[str, MacroCode] = msgspec.field(default_factory=dict)
    exposures: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    semantic_models: dict[str, Any] | None = None
    saved_queries: dict[str, Any] | None = None
    unit_tests: dict[str, Any] | None = None
    functions: dict[str, Any] | None = None

    def node(self, uid: str) -> NodeCode:
        """Return a node or source; one without anything when there is none."""
        return self.nodes.get(uid) or self.sources.get(uid) or _NOTHING

    def entry(self, section: str, uid: str) -> Mapping[str, Any]:
        """Return an entry of a free-form section."""
        found = (getattr(self, section) or {}).get(uid)
        return found if isinstance(found, dict) else {}


_NOTHING = NodeCode()
_decoder = msgspec.json.Decoder(Code)


def read_code(path: Path) -> Code:
    """Read the code in a manifest that `read_manifest` has accepted. Raises ArtifactError."""
    data = read_bytes(path, "manifest")
    with paused_collector():
        try:
            return _decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _patiently(decode_any(data, path))


def _patiently(raw: Any) -> Code:
    """Take what has the expected shape, and leave out what has not."""
    sections: dict[str, Any] = {}
    kinds = {"nodes": NodeCode, "sources": NodeCode, "macros": MacroCode}
    for name in Code.__struct_fields__:
        value = raw.get(name)
        if name == "metadata":
            sections[name] = value
            continue
        found = {}
        for key, entry in value.items() if isinstance(value, dict) else ():
            kind = kinds.get(name)
            if kind is None:
                found[key] = entry
            elif isinstance(entry, dict):
                columns = entry.get("columns")
                sound = columns.items() if isinstance(columns, dict) else ()
                entry = {**entry, "columns": {k: v for k, v in sound if isinstance(v, dict)}}
                found[key] = msgspec.convert(entry, kind, strict=False)
        sections[name] = found
    return Code(**sections)
