"""Names the landed files to Spark: one external table a source table, over the folder of its files.

Nothing is copied. Each run makes the tables anew, which takes a second or two and shows Spark the
files and columns that have come; dropping an external table leaves its files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from loading import LoadError, RawTable

FORMATS = {
    "read_parquet": "parquet",
    "read_csv": "csv",
    "read_csv_auto": "csv",
    "read_json": "json",
    "read_json_auto": "json",
}
# Columns that only some files have are told too: they are null in the rows of the others.
OPTIONS = {
    "parquet": {"mergeSchema": "true"},
    "csv": {"header": "true", "multiLine": "true", "escape": '"'},
    "json": {},
}
TYPES = {
    "BIGINT": "bigint",
    "BLOB": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double",
    "FLOAT": "float",
    "INTEGER": "int",
    "SMALLINT": "smallint",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "TINYINT": "tinyint",
    "VARCHAR": "string",
}


def load(adapter: Any, tables: list[RawTable]) -> Iterator[str]:
    """Make every table; one line a table says where its files are."""
    with adapter.connection_named("load"):
        for schema in sorted({table.schema for table in tables}):
            adapter.execute(f"create schema if not exists {_quoted(schema)}")
        for table in tables:
            folder, options = _place(table)
            named = f"{_quoted(table.schema)}.{_quoted(table.name)}"
            adapter.execute(f"drop table if exists {named}")
            adapter.execute(
                f"create table {named} {_columns(table)} using {FORMATS[table.reader]} "
                f"options ({_options(options)}) location {_text(folder)}"
            )
            yield f"{table.source:<30} {folder}"


def _place(table: RawTable) -> tuple[str, dict[str, str]]:
    """The folder of a table's files, and how Spark is told which of them, and how to read them."""
    form = FORMATS.get(table.reader)
    if form is None:
        raise LoadError(f"{table.source}: Spark has no reader like {table.reader}: land Parquet")
    folder, _, name = table.pattern.rpartition("/")
    options = {**OPTIONS[form], "pathGlobFilter": name}
    if folder.endswith("/**"):
        folder = folder.removesuffix("/**")
        options["recursiveFileLookup"] = "true"
    if "*" in folder:
        raise LoadError(f"{table.source}: Spark takes one folder, not {folder}: land it in one")
    if "://" in folder:
        return folder, options
    if not table.files:
        raise LoadError(f"{table.source}: no file matches {table.pattern}: land it first")
    return str(Path(folder).resolve()), options


def _columns(table: RawTable) -> str:
    """Parquet says its own types; elsewhere they are what DuckDB finds, so that both read alike."""
    if table.reader == "read_parquet" or not table.files:
        return ""
    described = duckdb.connect().execute(f"describe from {table.read(table.files[0])}").fetchall()
    typed = [f"{_quoted(name)} {_type(table, kind)}" for name, kind, *_ in described]
    return f"({', '.join(typed)})"


def _type(table: RawTable, kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return kind.lower()
    if kind not in TYPES:
        raise LoadError(f"{table.source}: no type of Spark's for {kind}: land Parquet")
    return TYPES[kind]


def _options(options: dict[str, str]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in options.items())


def _text(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quoted(word: str) -> str:
    return "`" + word.replace("`", "``") + "`"
