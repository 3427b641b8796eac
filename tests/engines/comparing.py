"""Says where two engines' tables differ: row for row, and to the cent.

Both sides are brought to DuckDB and cast to the types that DuckDB's own table has, so that a
decimal is compared as a decimal and a null is equal to a null. What a clock wrote while dbt ran
can't be equal, and is named below with what is compared in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

SHOWN = 3
# Table and column to what is compared instead; an empty string leaves the column out.
BY_THE_CLOCK = {
    "snap_orders__products": {  # the source has no time of change, so dbt dates versions by its own
        "dbt_scd_id": "",
        "dbt_updated_at": "",
        "dbt_valid_from": "",
        "dbt_valid_to": "dbt_valid_to is null",
    },
    "dim_product_history": {
        "product_history_key": "",
        "valid_from": "valid_from = timestamp '1900-01-01'",
        "valid_to": "valid_to = timestamp '9999-12-31'",
    },
    "stg_dbt_audit__dbt_run_log": {
        "invocation_id": "",
        "target_name": "",
        "execution_seconds": "execution_seconds >= 0",
        "started_at": "started_at is null",
    },
    "fct_pipeline_health": {
        "run_tier_key": "",
        "invocation_id": "",
        "slow_nodes": "",
        "execution_seconds": "execution_seconds >= 0",
        "started_at": "started_at is null",
    },
    "fct_sla_compliance": {
        "age_hours": "age_hours is null",
        "last_succeeded_at": "last_succeeded_at is null",
    },
    "fct_tier_health": {"slow_nodes": ""},
}


@dataclass(frozen=True)
class Table:
    """A model or snapshot, as both engines name it."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


class Engine(Protocol):
    """What is compared with DuckDB."""

    def columns(self, table: Table) -> list[str]:
        """The names of a table's columns, in their order."""

    def rows(self, table: Table, types: dict[str, str]) -> str:
        """A table expression by which DuckDB reads all rows, its columns of these names."""


def tables(manifest: dict[str, Any], left_out: Iterable[str] = ()) -> list[Table]:
    """Every model and snapshot of the project, parents first as dbt lists them."""
    kinds = ("model", "snapshot")
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] in kinds]
    return [Table(n["schema"], n["alias"]) for n in nodes if n["name"] not in set(left_out)]


def differences(database: Path, engine: Engine, compared: Iterable[Table]) -> list[str]:
    """One line or a few for each table that differs; empty where all are equal."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return [line for table in compared for line in _differences(connection, engine, table)]


def _differences(
    connection: duckdb.DuckDBPyConnection, engine: Engine, table: Table
) -> Iterator[str]:
    types = {name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()}
    theirs = engine.columns(table)
    if list(types) != theirs:
        yield f"{table}: columns {list(types)} here, {theirs} there"
        return
    chosen = _chosen(table, types)
    other = f"select {', '.join(f'cast({n} as {k}) as {n}' for n, k in types.items())} from "
    connection.execute(f"create or replace temp table ours as select {chosen} from {table}")
    connection.execute(
        "create or replace temp table theirs as "
        f"select {chosen} from ({other} {engine.rows(table, types)})"
    )
    counts = [connection.execute(f"select count(*) from {side}").fetchone() for side in SIDES]
    lines = [f"    only here:  {row}" for row in _without(connection, *SIDES)]
    lines += [f"    only there: {row}" for row in _without(connection, *SIDES[::-1])]
    if lines or counts[0] != counts[1]:
        yield f"{table}: {counts[0][0]:,} rows here, {counts[1][0]:,} there" + _unlike(connection)
        yield from lines


SIDES = ("ours", "theirs")


def _chosen(table: Table, types: dict[str, str]) -> str:
    instead = BY_THE_CLOCK.get(table.name, {})
    unknown = instead.keys() - types.keys()
    assert not unknown, f"{table} has no column {unknown}: mend BY_THE_CLOCK"
    written = {name: instead.get(name, name) for name in types}
    return ", ".join(f"{sql} as {name}" for name, sql in written.items() if sql)


def _unlike(connection: duckdb.DuckDBPyConnection) -> str:
    """The columns whose values differ as a whole: where to look first."""
    names = [name for name, *_ in connection.execute("describe ours").fetchall()]
    unlike = [
        name
        for name in names
        if connection.execute(
            f"(select {name} from ours except all select {name} from theirs) union all "
            f"(select {name} from theirs except all select {name} from ours) limit 1"
        ).fetchone()
    ]
    return f", unlike in {', '.join(unlike)}" if unlike else ""


def _without(connection: duckdb.DuckDBPyConnection, one: str, two: str) -> list[str]:
    """The first rows of one side that the other has not, or not as often."""
    found = connection.execute(f"from {one} except all from {two} order by all limit {SHOWN}")
    names = [name for name, *_ in found.description]
    pairs = [zip(names, row, strict=True) for row in found.fetchall()]
    return [", ".join(f"{name}={value}" for name, value in row) for row in pairs]
