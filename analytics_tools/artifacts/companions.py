"""The artifacts that stand beside a manifest: catalog, run results, source freshness."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from analytics_tools.artifacts.nodes import Record
from analytics_tools.artifacts.reading import (
    UNUSUAL,
    Metadata,
    decode_any,
    paused_collector,
    read_bytes,
    require_schema,
)
from analytics_tools.artifacts.salvage import UnsalvageableError, salvage
from analytics_tools.errors import ArtifactError

T = TypeVar("T", bound=Record)


class CatalogColumn(Record, frozen=True):
    """A column as the warehouse has it; `index` counts from 1."""

    name: str = ""
    type: str | None = ""
    index: int | None = None
    comment: str | None = None


class TableMetadata(Record, frozen=True):
    """Which relation of the warehouse it is, and of what type (BASE TABLE, VIEW, ...)."""

    type: str | None = ""
    database: str | None = None
    schema: str | None = None
    name: str | None = None
    comment: str | None = None


class CatalogTable(Record, frozen=True):
    """A relation as the warehouse has it."""

    metadata: TableMetadata = TableMetadata()
    columns: dict[str, CatalogColumn] = msgspec.field(default_factory=dict)

    @property
    def names(self) -> AbstractSet[str]:
        """The names of the columns."""
        return self.columns.keys()

    def in_order(self) -> tuple[CatalogColumn, ...]:
        """Return the columns by position."""
        columns = tuple(self.columns.values())
        places = [column.index or 0 for column in columns]
        if places == list(range(1, len(columns) + 1)):
            return columns
        return tuple(sorted(columns, key=lambda c: (c.index or 0, c.name)))


class Catalog(Record, frozen=True):
    """catalog.json: what really stands in the warehouse, by unique id."""

    metadata: Metadata = Metadata()
    nodes: dict[str, CatalogTable] = msgspec.field(default_factory=dict)
    sources: dict[str, CatalogTable] = msgspec.field(default_factory=dict)

    @property
    def tables(self) -> Mapping[str, CatalogTable]:
        """Nodes and sources together."""
        return {**self.sources, **self.nodes}


class RunResult(Record, frozen=True):
    """How one node fared in the last run. `execution_time` is in seconds."""

    unique_id: str = ""
    status: str = ""
    execution_time: float | None = None
    failures: int | None = None
    message: str | None = None


def first_line(message: str) -> str:
    """Return what a database says, without dbt's own heading."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if len(lines) > 1 and " in " in lines[0] and "(" in lines[0]:
        return lines[1]
    return lines[0] if lines else ""


class RunResults(Record, frozen=True):
    """run_results.json."""

    metadata: Metadata = Metadata()
    args: Any = None
    results: tuple[RunResult, ...] = ()

    @property
    def was_executed(self) -> bool:
        """Whether nodes really ran: `dbt compile` and `docs generate` report success as well."""
        which = self.args.get("which") if isinstance(self.args, dict) else None
        return which not in ("compile", "generate", "parse", "list")


class FreshnessResult(Record, frozen=True):
    """How fresh one source was. `max_loaded_at_time_ago_in_s` is in seconds."""

    unique_id: str = ""
    status: str = ""
    max_loaded_at: str | None = None
    max_loaded_at_time_ago_in_s: float | None = None


class Freshness(Record, frozen=True):
    """sources.json."""

    metadata: Metadata = Metadata()
    results: tuple[FreshnessResult, ...] = ()


class _RawCatalog(Record, frozen=True):
    metadata: Metadata = Metadata()
    nodes: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)
    sources: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)


_table = msgspec.json.Decoder(CatalogTable)


def read_catalog(path: Path, only: Collection[str] | None = None) -> Catalog:
    """Read catalog.json. Raises ArtifactError.

    With `only`, tables of other unique ids may be left out, which is much quicker for a few.
    """
    if only is None:
        return _read(path, "catalog", Catalog, ("nodes",))
    try:
        raw = msgspec.json.decode(read_bytes(path, "catalog"), type=_RawCatalog)
        nodes = {uid: _table.decode(raw.nodes[uid]) for uid in only if uid in raw.nodes}
        sources = {uid: _table.decode(raw.sources[uid]) for uid in only if uid in raw.sources}
    except UNUSUAL:
        return read_catalog(path)  # where something is to be salvaged
    require_schema(raw.metadata, "catalog", path)
    return Catalog(metadata=raw.metadata, nodes=nodes, sources=sources)


def read_run_results(path: Path) -> RunResults:
    """Read run_results.json. Raises ArtifactError."""
    return _read(path, "run-results", RunResults, ("results",))


def read_freshness(path: Path) -> Freshness:
    """Read sources.json. Raises ArtifactError."""
    return _read(path, "sources", Freshness, ("results",))


def _read(path: Path, kind: str, cls: type[T], needed: tuple[str, ...]) -> T:
    data = read_bytes(path, kind)
    try:
        with paused_collector():
            artifact = msgspec.json.decode(data, type=cls)
    except UNUSUAL:
        raw: Any = decode_any(data, path)
        try:
            artifact = salvage(raw, cls, kind, [])
        except UnsalvageableError as error:
            raise ArtifactError(f"{path}: is not a dbt {kind}: {error}") from None
        for key in needed:
            if not isinstance(raw.get(key), dict | list):
                raise ArtifactError(f"{path}: the {kind} has no usable `{key}`") from None
    require_schema(getattr(artifact, "metadata", None), kind, path)
    return artifact
