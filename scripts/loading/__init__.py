"""What there is to load: the source tables that have files, as dbt's manifest names them."""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What dbt-duckdb takes as a location: a path, or a call of a table function on one.
_CALL = re.compile(r"(?P<function>\w+)\(\s*'(?P<files>(?:[^']|'')*)'(?P<rest>.*)\)\s*", re.S)
_READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".json": "read_json"}
_PLAIN = re.compile(r"[A-Za-z_]\w*")


class LoadError(Exception):
    """Why a table can't be loaded, in one line, with what to do."""


@dataclass(frozen=True)
class RawTable:
    """A source table: where it goes, and the files it comes from."""

    source: str
    schema: str
    name: str
    reader: str
    pattern: str
    options: str
    loaded_at: str | None

    @property
    def files(self) -> list[Path]:
        """The landed files, in the order of their names."""
        return [Path(path) for path in sorted(glob.glob(self.pattern, recursive=True))]  # noqa: PTH207

    def name_of(self, file: Path) -> str:
        """The file's path below the first folder that the pattern names outright."""
        fixed = re.split(r"[*?\[]", self.pattern, maxsplit=1)[0].rpartition("/")[0]
        return str(file.relative_to(fixed)) if fixed else str(file)

    def read(self, file: Path) -> str:
        """The table expression by which DuckDB reads one file."""
        quoted = str(file).replace("'", "''")
        return f"{self.reader}('{quoted}'{self.options})"


def raw_tables(manifest: Any) -> list[RawTable]:
    """Every source table with an `external_location`, in the order of their names."""
    found = [_raw_table(node) for node in manifest.sources.values() if _location(node)]
    if not found:
        raise LoadError("no source names files: give one meta.external_location in its YAML")
    return sorted(found, key=lambda table: table.source)


def _location(node: Any) -> str:
    return str((node.config.meta or {}).get("external_location", ""))


def _raw_table(node: Any) -> RawTable:
    source = f"{node.source_name}.{node.name}"
    place = _location(node).format(name=node.name, identifier=node.identifier, schema=node.schema)
    call = _CALL.fullmatch(place)
    pattern = call["files"].replace("''", "'") if call else place.strip("'")
    reader = call["function"] if call else _READERS.get(Path(pattern).suffix)
    if reader is None:
        raise LoadError(f"{source}: no reader for {place}: name one, as in read_csv('...')")
    loaded_at = str(node.loaded_at_field or "")
    return RawTable(
        source=source,
        schema=node.schema,
        name=node.identifier,
        reader=reader,
        pattern=pattern,
        options=call["rest"] if call else "",
        loaded_at=loaded_at if _PLAIN.fullmatch(loaded_at) else None,
    )
