"""DuckDB files between two days: what an edit can't reach is taken from the base as it stands."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

# Materializations that build on what they built before.
_ANEW = ("table", "view", "seed", "ephemeral", "materialized_view")


def begin(base: Path, head: Path, reached: Iterable[str]) -> None:
    """Make head's file: base's, without the relations that an edit may reach."""
    shutil.rmtree(head.parent, ignore_errors=True)
    head.parent.mkdir(parents=True)
    shutil.copy(base, head)
    with duckdb.connect(str(head)) as connection:
        for name in reached:
            _drop(connection, name)


def go_on(base: Path, head: Path, reached: Iterable[str], kept: Iterable[str]) -> None:
    """Make head's file of the next day: base's of that day, with `kept` as head left them."""
    before = head.with_name("before.duckdb")
    head.replace(before)
    shutil.copy(base, head)
    with duckdb.connect(str(head)) as connection:
        for name in reached:
            _drop(connection, name)
        connection.execute(f"attach '{before}' as before_ (read_only)")
        for name in kept:
            _carry(connection, name)
    before.unlink()


def builds_on_itself(node: Any) -> bool:
    """Whether a later run of a node starts from what an earlier one left."""
    return bool(node["config"].get("materialized") not in _ANEW)


def _parts(name: str) -> tuple[str, str]:
    _, schema, table = (part.strip('"') for part in name.split("."))
    return schema, table


def _drop(connection: Any, name: str) -> None:
    kind = connection.execute(
        "select table_type from information_schema.tables where table_catalog = "
        "current_database() and table_schema = ? and table_name = ?",
        _parts(name),
    ).fetchone()
    if kind:
        connection.execute(f"drop {'view' if kind[0] == 'VIEW' else 'table'} {name}")


def _carry(connection: Any, name: str) -> None:
    """Copy a table with its constraints."""
    schema, table = _parts(name)
    made = connection.execute(
        "select sql from duckdb_tables() where database_name = 'before_' and schema_name = ? "
        "and table_name = ?",
        (schema, table),
    ).fetchone()
    if made:
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(made[0])
        connection.execute(f'insert into {name} select * from before_."{schema}"."{table}"')  # noqa: S608
