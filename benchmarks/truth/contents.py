"""What is in a DuckDB file: a digest of every relation, whole and by column."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec

_MOST = 500_000  # rows that are looked at


class Table(msgspec.Struct, frozen=True):
    """A relation as built.

    `rows` is a digest of names, types and the bag of rows; `columns` of each column alone; `built`
    says what else a build decides: table or view, under which name, with which constraints.
    """

    rows: str
    columns: dict[str, str]
    built: str


def table_of(connection: Any, name: str, noisy: Collection[str] = ()) -> Table:
    """Return the digest of a relation, leaving out columns that no two builds have alike.

    Of what joins all rows with all others, which no base has, by how many rows there are.
    """
    result = connection.execute(f"select * from {name} limit {_MOST + 1}")  # noqa: S608
    names = [one[0] for one in result.description]
    types = [str(one[1]) for one in result.description]
    rows = result.fetchall()
    if len(rows) > _MOST:
        rows = connection.execute(f"select count(*) from {name}").fetchall()  # noqa: S608
        many = digest([name, *types, repr(rows)])
        return Table(many, dict.fromkeys(names, many), _built(connection, name))
    order = sorted(range(len(names)), key=lambda place: names[place])
    columns = {
        names[place]: digest([types[place], *sorted(repr(row[place]) for row in rows)])
        for place in order
    }
    kept = [place for place in order if names[place] not in noisy]
    lines = sorted(repr([row[place] for place in kept]) for row in rows)
    head = [f"{names[place]} {types[place]}" for place in order]
    return Table(digest([*head, *lines]), columns, _built(connection, name))


def _built(connection: Any, name: str) -> str:
    parts = [part.strip('"') for part in name.split(".")]
    kinds = connection.execute(
        "select table_type from information_schema.tables "
        "where table_catalog = ? and table_schema = ? and table_name = ?",
        parts,
    ).fetchall()
    constraints = connection.execute(
        "select constraint_text from duckdb_constraints() "
        "where database_name = ? and schema_name = ? and table_name = ? order by 1",
        parts,
    ).fetchall()
    return digest([name, repr(kinds), repr(constraints)])


def digest(parts: list[str]) -> str:
    """Return a digest of some texts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
