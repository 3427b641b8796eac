"""Two DuckDB files, opened for reading alone: which relations they hold, and queries over both.

Each file is attached under the name its project calls the database, so that views find what they
read. Nothing is ever written: both are attached read-only to a database in memory.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_tools.artifacts import CatalogColumn, CatalogTable, Project
from analytics_tools.artifacts.companions import TableMetadata
from analytics_tools.errors import UsageError
from analytics_tools.sql.dialect import delimited

INSTALL = (
    "comparing data needs DuckDB: pip install 'dbt-analytics-tools[duckdb]', or leave out "
    "--base-data and --head-data"
)
_COLUMNS = """
select lower(c.schema_name), lower(c.table_name), c.column_name, c.data_type, c.column_index,
       v.view_name is not null
from duckdb_columns() as c
left join (select distinct database_name, schema_name, view_name from duckdb_views()) as v
       on v.database_name = c.database_name and v.schema_name = c.schema_name
      and v.view_name = c.table_name
where c.database_name = ?
order by 1, 2, c.column_index
"""


@dataclass(frozen=True)
class Place:
    """Where a relation is: how to name it in SQL, and what it looks like."""

    name: str
    is_view: bool
    table: CatalogTable


class Warehouse:
    """The relations of two projects, as far as their files hold them.

    `base` and `head` are by unique id. `notes` say what can't be compared.
    """

    def __init__(self, connection: Any, bases: tuple[str, str], sides: tuple[Project, Project],
                 isolated: bool) -> None:  # fmt: skip
        self._connection = connection
        self.notes: tuple[str, ...] = ()
        self.base = _places(connection, bases[0], sides[0])
        self.head = _places(connection, bases[1], sides[1])
        if not isolated:
            self.notes = (
                f"both files hold a database called {bases[1]}, so views can't be told apart and "
                "only tables are compared; give production's file another name than CI's",
            )
            self.base = {uid: one for uid, one in self.base.items() if not one.is_view}
            self.head = {uid: one for uid, one in self.head.items() if not one.is_view}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises `QueryError` with the first line of what is wrong."""
        import duckdb

        try:
            found: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise QueryError(str(error).strip().splitlines()[0] if str(error) else "") from None
        return found


class QueryError(Exception):
    """A query that the warehouse refuses; never shown as a traceback."""


@contextmanager
def open_warehouse(
    base: Path, head: Path, sides: tuple[Project, Project], folder: Path
) -> Iterator[Warehouse]:
    """Open both files read-only.

    Args:
        base, head: the files.
        sides: the projects whose relations they hold.
        folder: the dbt project's, from which views that read files count their paths.

    Raises UsageError when DuckDB isn't installed, or a file is missing, locked or no database.
    """
    try:
        import duckdb
    except ImportError:
        raise UsageError(INSTALL) from None
    with tempfile.TemporaryDirectory(prefix="analytics-tools-") as spill:
        connection = duckdb.connect(
            ":memory:", config={"temp_directory": spill, "autoinstall_known_extensions": "false"}
        )
        try:
            names = [_database(sides[0], base), _database(sides[1], head)]
            isolated = names[0].lower() != names[1].lower()
            if not isolated:
                names[0] += " (base)"
            connection.execute(f"set file_search_path = '{_literal(folder)}'")
            for path, name in zip((base, head), names, strict=True):
                _attach(connection, path, name)
            yield Warehouse(connection, (names[0], names[1]), sides, isolated)
        finally:
            connection.close()


def _attach(connection: Any, path: Path, name: str) -> None:
    import duckdb

    if not path.is_file():
        raise UsageError(f"{path}: no such file; name the DuckDB file that dbt built into")
    try:
        connection.execute(f"attach '{_literal(path.resolve())}' as {delimited(name)} (read_only)")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise UsageError(
                f"{path}: another process is writing it; wait for it to end, or close it"
            ) from None
        raise UsageError(f"{path}: is no DuckDB file that this DuckDB reads") from None
    except duckdb.Error as error:
        reason = re.sub(r"\s+", " ", str(error))[:200]
        raise UsageError(f"{path}: can't be attached: {reason}") from None


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")


def _database(project: Project, path: Path) -> str:
    """Return what the project calls its database: what most of its models are in."""
    names = Counter(one.database for one in project.models.values() if one.database)
    named = names.most_common(1)
    return named[0][0] if named else path.stem


def _places(connection: Any, database: str, project: Project) -> dict[str, Place]:
    """Return the project's relations that a file holds."""
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for row in connection.execute(_COLUMNS, [database]).fetchall():
        found.setdefault((row[0], row[1]), []).append(row)
    own = database.removesuffix(" (base)").lower()
    places = {}
    for uid, node in project.nodes.items():
        if not uid.startswith(("model.", "seed.", "snapshot.")):
            continue
        schema, alias = getattr(node, "schema", None), getattr(node, "alias", None) or node.name
        at = getattr(node, "database", None)
        if not schema or (at and at.lower() != own):
            continue
        rows = found.get((schema.lower(), alias.lower()))
        if rows:
            name = ".".join(map(delimited, (database, schema, alias)))
            places[uid] = Place(name, bool(rows[0][5]), _table(rows, schema, alias))
    return places


def _table(rows: Sequence[tuple[Any, ...]], schema: str, alias: str) -> CatalogTable:
    columns = {row[2]: CatalogColumn(name=row[2], type=row[3], index=int(row[4])) for row in rows}
    kind = "VIEW" if rows[0][5] else "BASE TABLE"
    return CatalogTable(
        metadata=TableMetadata(type=kind, schema=schema, name=alias), columns=columns
    )
