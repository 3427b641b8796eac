"""Loads Postgres with COPY: DuckDB reads the files, and streams them through a pipe.

What is in is written down beside the tables, in `_loaded_files`: a file is known by its name and
its contents. New files are added. Where a known file has other contents, the table is loaded anew
from all the files there are. Each table is one transaction, so a failed run leaves it as it was.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from loading import LoadError, RawTable

LEDGER = "_loaded_files"
TYPES = {
    "BIGINT": "bigint",
    "BLOB": "bytea",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "HUGEINT": "numeric(39, 0)",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TINYINT": "smallint",
    "UBIGINT": "numeric(20, 0)",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "UUID": "uuid",
    "VARCHAR": "text",
}


def load(adapter: Any, tables: list[RawTable]) -> Iterator[str]:
    """Bring every table up to its files; one line a table says what came."""
    import psycopg2

    with adapter.connection_named("load"):
        postgres = adapter.connections.get_thread_connection().handle
        for table in tables:
            try:
                yield _bring(postgres, table)
                postgres.commit()
            except (psycopg2.Error, duckdb.Error) as error:
                postgres.rollback()
                raise LoadError(f"{table.source}: {str(error).splitlines()[0]}") from error
            except LoadError:
                postgres.rollback()
                raise


def _bring(postgres: Any, table: RawTable) -> str:
    """Add a table's new files, or load it anew where a known file has changed."""
    if not table.files:
        raise LoadError(f"{table.source}: no file matches {table.pattern}: land it first")
    session = duckdb.connect(config={"threads": 2})
    session.execute("set timezone = 'UTC'")
    cursor = postgres.cursor()
    known = _known(cursor, table)
    there = {table.name_of(file): (file, _fingerprint(file)) for file in table.files}
    changed = [name for name, print_ in known.items() if name in there and there[name][1] != print_]
    if changed:
        cursor.execute(f"truncate {_named(table)}")
        cursor.execute(f"delete from {_ledger(table)} where table_name = %s", [table.name])
        known = {}
    rows = 0
    new = {name: one for name, one in there.items() if name not in known}
    for name, (file, print_) in new.items():
        count = _copy(session, cursor, table, file)
        written = "insert into {} values (%s, %s, %s, %s, now())".format(_ledger(table))  # noqa: UP032
        cursor.execute(written, [table.name, name, print_, count])
        rows += count
    if new:
        _settle(cursor, table)
    anew = f", for {changed[0]} has changed" if changed else ""
    return f"{table.source:<30}{rows:>12,} rows of {len(new)} new files{anew}"


def _known(cursor: Any, table: RawTable) -> dict[str, str]:
    """The files that are in, by their names; nobody else loads this schema until the commit."""
    cursor.execute(f"create schema if not exists {_quoted(table.schema)}")
    cursor.execute(
        f"create table if not exists {_ledger(table)} (table_name text, file_name text,"
        " sha256 text, row_count bigint, loaded_at timestamptz,"
        " primary key (table_name, file_name))"
    )
    cursor.execute(f"lock table {_ledger(table)} in share row exclusive mode")
    cursor.execute(
        f"select file_name, sha256 from {_ledger(table)} where table_name = %s", [table.name]
    )
    return dict(cursor.fetchall())


def _fingerprint(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy(session: duckdb.DuckDBPyConnection, cursor: Any, table: RawTable, file: Path) -> int:
    """Stream one file into its table; returns the rows."""
    described = session.execute(f"describe from {table.read(file)}").fetchall()
    columns = {name: _type(kind) for name, kind, *_ in described}
    _fit(cursor, table, columns, file)
    chosen = ", ".join(
        f"to_json({_quoted(name)})::varchar" if kind == "jsonb" else _quoted(name)
        for name, kind in columns.items()
    )
    names = ", ".join(_quoted(name) for name in columns)
    reading, writing = os.pipe()

    def write() -> None:
        try:
            session.execute(
                f"copy (select {chosen} from {table.read(file)}) to '/dev/fd/{writing}'"
                " (format csv, header false, use_tmp_file false)"
            )
        finally:
            os.close(writing)

    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb") as piped:
        written = pool.submit(write)
        cursor.copy_expert(f"copy {_named(table)} ({names}) from stdin (format csv)", piped)
        written.result()
    return int(cursor.rowcount)


def _type(kind: str) -> str:
    """Postgres' type for one of DuckDB's; what is nested becomes JSON."""
    if kind.startswith("DECIMAL"):
        return kind.replace("DECIMAL", "numeric")
    return TYPES.get(kind, "jsonb")


def _fit(cursor: Any, table: RawTable, columns: dict[str, str], file: Path) -> None:
    """Make the table, or give it what columns the file has and it lacks."""
    typed = [f"{_quoted(name)} {kind}" for name, kind in columns.items()]
    cursor.execute("select to_regclass(%s)", [_named(table)])
    if cursor.fetchone() == (None,):
        cursor.execute(f"create table {_named(table)} ({', '.join(typed)})")
        if table.loaded_at in columns:
            cursor.execute(
                f"create index on {_named(table)} using brin ({_quoted(table.loaded_at)})"
            )
        return
    cursor.execute(f"select * from {_named(table)} limit 0")
    held = [column.name for column in cursor.description]
    gone = [name for name in held if name not in columns]
    if gone:
        raise LoadError(
            f"{table.source}: {file.name} has no column {gone[0]}, which earlier files had: land it"
            " anew, or drop the column from the raw table and from its staging model"
        )
    for name, column in zip(columns, typed, strict=True):
        if name not in held:
            cursor.execute(f"alter table {_named(table)} add column {column}")


def _settle(cursor: Any, table: RawTable) -> None:
    """What the planner knows of the new rows: statistics, and the ranges of their load times."""
    cursor.execute(f"analyze {_named(table)}")
    cursor.execute(
        "select brin_summarize_new_values(indexrelid) from pg_index"
        " join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam"
        " where indrelid = %s::regclass and amname = 'brin'",
        [_named(table)],
    )


def _ledger(table: RawTable) -> str:
    return f"{_quoted(table.schema)}.{_quoted(LEDGER)}"


def _named(table: RawTable) -> str:
    return f"{_quoted(table.schema)}.{_quoted(table.name)}"


def _quoted(word: str) -> str:
    return '"' + re.sub('"', '""', word) + '"'
