"""Columns and compiled code that stay JSON until somebody asks, and are decoded anew each time.

Kept, the columns of a large project and of its catalog take more memory than all else, and the
memory takes as long to get as the columns to decode. Who looks at each model once is better off
without. Compiled code is as long, and mostly nobody looks at it at all.
`analytics_tools.artifacts.loading.load_late` is the way in.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path

import msgspec

from analytics_tools.artifacts.base import Record
from analytics_tools.artifacts.companions import Catalog, CatalogColumn, CatalogTable, read_catalog
from analytics_tools.artifacts.manifest import Manifest
from analytics_tools.artifacts.nodes import Column, Model, NoModel
from analytics_tools.artifacts.reading import UNUSUAL, read_bytes, require_schema

_NO_COLUMNS = msgspec.Raw(b"{}")
_NO_CODE = msgspec.Raw(b"null")


class _Nothing(Record, frozen=True):
    """Of a JSON object, that it is there."""


_columns = msgspec.json.Decoder(dict[str, Column])
_catalog_columns = msgspec.json.Decoder(dict[str, CatalogColumn])
_code: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)
_names = msgspec.json.Decoder(dict[str, _Nothing])


class _JsonModel(Model, frozen=True, tag="model"):
    # Filed under names that no manifest has, so that they are passed over.
    columns: dict[str, Column] = msgspec.field(name="not columns", default_factory=dict)
    json_columns: msgspec.Raw = msgspec.field(name="columns", default=_NO_COLUMNS)
    compiled_code: str | None = msgspec.field(name="not compiled_code", default=None)
    json_compiled_code: msgspec.Raw = msgspec.field(name="compiled_code", default=_NO_CODE)


class LateModel(_JsonModel, frozen=True, tag="model"):
    """A model whose columns and compiled code are decoded when they are asked for."""

    @property  # type: ignore[misc]
    def columns(self) -> dict[str, Column]:
        """The declared columns. Raises one of `UNUSUAL` when they have not the expected shape."""
        return _columns.decode(self.json_columns)

    @property  # type: ignore[misc]
    def compiled_code(self) -> str | None:
        """The code as sent to the warehouse. Raises as `columns` does."""
        return _code.decode(self.json_compiled_code)


class _JsonTable(CatalogTable, frozen=True):
    columns: dict[str, CatalogColumn] = msgspec.field(name="not columns", default_factory=dict)
    json_columns: msgspec.Raw = msgspec.field(name="columns", default=_NO_COLUMNS)


class LateTable(_JsonTable, frozen=True):
    """A relation of the warehouse whose columns are decoded when they are asked for."""

    @property  # type: ignore[misc]
    def columns(self) -> dict[str, CatalogColumn]:
        """The columns. Raises one of `UNUSUAL` when they have not the expected shape."""
        return _catalog_columns.decode(self.json_columns)

    @property
    def names(self) -> AbstractSet[str]:
        """The columns' names alone, for half the price. Raises as `columns` does."""
        return _names.decode(self.json_columns).keys()


class _Manifest(Manifest, frozen=True):
    nodes: dict[str, LateModel | NoModel]  # type: ignore[assignment]


class _Catalog(Catalog, frozen=True):
    nodes: dict[str, LateTable] = msgspec.field(default_factory=dict)  # type: ignore[assignment]
    sources: dict[str, LateTable] = msgspec.field(default_factory=dict)  # type: ignore[assignment]


decoder: msgspec.json.Decoder[Manifest] = msgspec.json.Decoder(_Manifest)
_catalog_decoder: msgspec.json.Decoder[Catalog] = msgspec.json.Decoder(_Catalog)


def read_late_catalog(path: Path) -> Catalog:
    """Read catalog.json, columns left as they are. Raises ArtifactError."""
    try:
        catalog = _catalog_decoder.decode(read_bytes(path, "catalog"))
    except UNUSUAL:
        return read_catalog(path)  # where something is to be salvaged
    require_schema(catalog.metadata, "catalog", path)
    return catalog
