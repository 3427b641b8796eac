"""A DuckDB in memory, for SQL that nobody vouches for.

What belongs here: how DuckDB is shut in, and where a project's relations are in it. It reads no
file but those it is given, loads no extension, writes nothing to a disk and takes no setting from
SQL. What is asked is in `bound` (do names and types fit) and in `contents` (what is in the tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Timer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from analytics_tools.artifacts.nodes import Source
from analytics_tools.lineage.names import parts_of
from analytics_tools.sql.dialect import delimited

if TYPE_CHECKING:
    from analytics_tools.artifacts import Relation

_SAFE: dict[str, Any] = {
    "python_enable_replacements": "false",  # a name of a table is no variable of ours
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
    "memory_limit": "1GB",
    "threads": "1",
}
# Where DuckDB stands in the line, and its hints; and how it starts.
_POINTER = re.compile(r"\s*\n\s*\n?LINE \d+:.*", re.DOTALL)
_HINTS = re.compile(
    r"\s*(You might need to add|Candidate [a-z]+:|Candidate bindings|Did you mean).*", re.DOTALL
)
_START = re.compile(r"^\w[\w ]* Error: ")
_OWN = frozenset(("temp", "system"))  # databases of DuckDB's own


class Sandbox:
    """A DuckDB of its own, opened when it is first asked.

    Args:
        adapter: of the project; what isn't for DuckDB can't be asked of it.
        files: that may be read.
        settings: how it goes by what SQL leaves open.
    """

    def __init__(
        self,
        adapter: str,
        files: Iterable[Path] = (),
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._adapter, self._files, self._settings = adapter, files, settings
        self._made: set[tuple[str, str]] = set()
        self._types: dict[str, str] = {}  # of texts that were asked

    @cached_property
    def connection(self) -> Any:
        """The connection; None for another adapter, and where DuckDB isn't installed."""
        if self._adapter != "duckdb":
            return None
        try:
            import duckdb
        except ImportError:
            return None
        connection = duckdb.connect(":memory:", config=_SAFE | dict(self._settings))
        allowed = ", ".join(literal(str(path)) for path in self._files)
        connection.execute(f"set allowed_paths = [{allowed}]")
        connection.execute("set enable_external_access = false")
        return connection

    def close(self) -> None:
        """Let go of DuckDB, if it was asked anything."""
        if self.__dict__.get("connection") is not None:
            self.connection.close()
            del self.connection

    def run(self, sql: str) -> bool:
        """Run a statement of ours; say whether it came to an end."""
        return self.fails(sql) is None

    def fails(self, sql: str) -> Exception | None:
        """Run a statement of ours; return why it didn't come to an end."""
        import duckdb

        try:
            self.connection.execute(sql)
        except (duckdb.Error, ValueError, RuntimeError) as error:
            return error
        return None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let what is run not take longer: then it fails."""
        timer = Timer(seconds, self.connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def query(self, sql: str) -> Any:
        """Return the one query that SQL is, as DuckDB parses it; None where it is anything else.

        Raises duckdb.Error where it can't be parsed.
        """
        import duckdb

        asked = self.connection.extract_statements(sql)
        is_one = len(asked) == 1 and asked[0].type == duckdb.StatementType.SELECT
        return asked[0] if is_one else None

    def type_(self, text: str) -> str:
        """Return a type as DuckDB writes it; empty where a text is none."""
        import duckdb

        if text not in self._types:
            try:
                self._types[text] = str(self.connection.sqltype(text))
            except duckdb.Error:
                self._types[text] = ""
        return self._types[text]

    def ready(self, node: Relation) -> bool:
        """Make the database and the schema of a node, once; say whether they are there."""
        database, schema, _ = _parts(node)
        place = database.lower(), schema.lower()
        if place in self._made or place[0] in _OWN:
            return place in self._made
        self._made.add(place)
        if place[0] != "memory":
            self.run(f"attach if not exists ':memory:' as {delimited(place[0])}")
        return self.run(f"create schema if not exists {'.'.join(map(delimited, place))}")


def words_of(error: Exception) -> str:
    """Return what DuckDB says in one line, without its hints."""
    said = _START.sub("", _HINTS.sub("", _POINTER.sub("", str(error))))
    return " ".join(said.split()).rstrip(".!")


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def place_of(node: Relation) -> str:
    """Return what SQL calls a node by."""
    return ".".join(map(delimited, _parts(node)))


def _parts(node: Relation) -> tuple[str, str, str]:
    """Return the database, the schema and the name that SQL calls a node by."""
    last = (node.identifier if isinstance(node, Source) else node.alias) or node.name
    known = (node.database or "memory", node.schema or "main", last)
    told = parts_of(node.relation_name or "")
    database, schema, name = (*known[: 3 - len(told)], *told) if len(told) <= 3 else known
    return database, schema, name
