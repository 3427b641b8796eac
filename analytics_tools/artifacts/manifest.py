"""manifest.json of dbt 0.19 to 2.0 (schema v1 to v12), decoded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from analytics_tools.artifacts.nodes import (
    Analysis,
    AnyNode,
    CodeNode,
    DisabledNode,
    Exposure,
    Group,
    Macro,
    Metric,
    Model,
    Operation,
    Record,
    SavedQuery,
    Seed,
    SemanticModel,
    Snapshot,
    Source,
    SqlOperation,
    Test,
    UnitTest,
)
from analytics_tools.artifacts.reading import (
    UNUSUAL,
    Content,
    Metadata,
    decode_any,
    paused_collector,
    peek_metadata,
    read_bytes,
    require_schema,
)
from analytics_tools.artifacts.salvage import UnsalvageableError, salvage
from analytics_tools.errors import ArtifactError

T = TypeVar("T", bound=Record)

_CODE_NODES: dict[str, type[CodeNode]] = {
    "model": Model,
    "seed": Seed,
    "snapshot": Snapshot,
    "analysis": Analysis,
    "operation": Operation,
    "sql_operation": SqlOperation,
    "test": Test,
}


class Manifest(Record, frozen=True):
    """A manifest as it lies in the file. Sections that older schemas lack are empty."""

    metadata: Metadata
    nodes: dict[str, CodeNode]
    sources: dict[str, Source] = msgspec.field(default_factory=dict)
    macros: dict[str, Macro] = msgspec.field(default_factory=dict)
    exposures: dict[str, Exposure] = msgspec.field(default_factory=dict)
    metrics: dict[str, Metric] = msgspec.field(default_factory=dict)
    semantic_models: dict[str, SemanticModel] = msgspec.field(default_factory=dict)
    saved_queries: dict[str, SavedQuery] = msgspec.field(default_factory=dict)
    unit_tests: dict[str, UnitTest] = msgspec.field(default_factory=dict)
    groups: dict[str, Group] = msgspec.field(default_factory=dict)
    # A list up to v3, a map of lists since.
    disabled: dict[str, tuple[DisabledNode, ...]] | tuple[DisabledNode, ...] | None = ()


def graph_sections(manifest: Manifest) -> tuple[Mapping[str, AnyNode], ...]:
    """Return the sections whose entries have a place in the graph."""
    return (
        manifest.nodes,
        manifest.sources,
        manifest.exposures,
        manifest.metrics,
        manifest.semantic_models,
        manifest.saved_queries,
        manifest.unit_tests,
    )


in_whole = msgspec.json.Decoder(Manifest)


def read_manifest(
    path: Path, decoder: msgspec.json.Decoder[Manifest] = in_whole
) -> tuple[Manifest, int, tuple[str, ...]]:
    """Read a manifest.

    Args:
        path: the file.
        decoder: builds the whole of it, unless told otherwise.

    Returns:
        The manifest, the number of its schema, and a line for each thing in it that had an
        unexpected type and was read as absent.

    Raises:
        ArtifactError: the file is missing, not JSON, another artifact, or of a newer schema.
    """
    data = read_bytes(path, "manifest")
    try:
        with paused_collector():
            manifest = decoder.decode(data)
    except UNUSUAL:
        return _read_patiently(data, path)
    version = require_schema(manifest.metadata, "manifest", path)
    _require_ids(manifest, path)
    return manifest, version, ()


def _read_patiently(data: Content, path: Path) -> tuple[Manifest, int, tuple[str, ...]]:
    """Read a manifest of which some part has not the shape we know."""
    metadata = peek_metadata(data)
    if metadata is not None:
        require_schema(metadata, "manifest", path)
    with paused_collector():
        raw = decode_any(data, path)
        if not isinstance(raw, dict):
            raise ArtifactError(f"{path}: is not a dbt manifest: its JSON is not an object")
        notes: list[str] = []
        try:
            metadata = salvage(raw.get("metadata"), Metadata, "metadata", notes)
        except UnsalvageableError:
            metadata = None
        version = require_schema(metadata, "manifest", path)

        def section(name: str, cls: type[T]) -> dict[str, T]:
            return _section(raw.get(name), name, cls, path, notes)

        manifest = Manifest(
            metadata=metadata or Metadata(),
            nodes=_nodes(raw.get("nodes"), path, notes),
            disabled=_disabled(raw.get("disabled"), notes),
            sources=section("sources", Source),
            macros=section("macros", Macro),
            exposures=section("exposures", Exposure),
            metrics=section("metrics", Metric),
            semantic_models=section("semantic_models", SemanticModel),
            saved_queries=section("saved_queries", SavedQuery),
            unit_tests=section("unit_tests", UnitTest),
            groups=section("groups", Group),
        )
    _require_ids(manifest, path)
    return manifest, version, tuple(notes)


def _require_ids(manifest: Manifest, path: Path) -> None:
    """Make sure that every node bears the id it is filed under: all that follows relies on it."""
    for section in graph_sections(manifest):
        for key, node in section.items():
            if node.unique_id != key:
                raise ArtifactError(
                    f"{path}: {key!r} has the unique_id {node.unique_id!r}; write the manifest "
                    "anew with dbt"
                )


def _nodes(raw: Any, path: Path, notes: list[str]) -> dict[str, CodeNode]:
    if not isinstance(raw, dict):
        raise ArtifactError(f"{path}: the manifest has no usable `nodes`; write it anew with dbt")
    nodes: dict[str, CodeNode] = {}
    for key, value in raw.items():
        kind = value.get("resource_type") if isinstance(value, dict) else None
        cls = _CODE_NODES.get(kind) if isinstance(kind, str) else None
        if cls is None:
            notes.append(f"nodes.{key} is of the unknown resource_type {kind!r}: left out")
            continue
        try:
            nodes[key] = salvage(value, cls, f"nodes.{key}", notes)
        except UnsalvageableError as error:
            raise ArtifactError(f"{path}: {error}; write the manifest anew with dbt") from None
    return nodes


def _section(raw: Any, name: str, cls: type[T], path: Path, notes: list[str]) -> dict[str, T]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        notes.append(f"{name} is not an object")
        return {}
    entries: dict[str, T] = {}
    for key, value in raw.items():
        try:
            entries[key] = salvage(value, cls, f"{name}.{key}", notes)
        except UnsalvageableError as error:
            raise ArtifactError(f"{path}: {error}; write the manifest anew with dbt") from None
    return entries


def _disabled(raw: Any, notes: list[str]) -> tuple[DisabledNode, ...]:
    groups = raw.values() if isinstance(raw, dict) else [raw] if isinstance(raw, list) else []
    found: list[DisabledNode] = []
    for group in groups:
        for value in group if isinstance(group, list) else ():
            try:
                found.append(salvage(value, DisabledNode, "disabled", notes))
            except UnsalvageableError as error:
                notes.append(str(error))
    return tuple(found)
