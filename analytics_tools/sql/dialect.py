"""What differs between warehouses: the dialect of their SQL, and when two names are the same."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

_DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "fabric": "tsql",
    "glue": "spark",
    "mysql": "mysql",
    "postgres": "postgres",
    "alloydb": "postgres",
    "redshift": "redshift",
    "singlestore": "mysql",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "teradata": "teradata",
    "trino": "trino",
    "presto": "presto",
}
# Where `"a"` and `a` may be two columns. Everywhere else names are compared without their case.
_UPPER_WHEN_BARE = frozenset({"snowflake"})
_LOWER_WHEN_BARE = frozenset({"postgres"})
_AS_WRITTEN = frozenset({"clickhouse"})
# Where all names become lower case, quoted or not.
_LOWER = frozenset({"redshift", "athena", "trino", "presto", "hive"})

# How the parser names a kind of node.
_CLASS = re.compile(r"<class '[\w.]*\.(\w+)'>")


class UnreadableSqlError(Exception):
    """SQL that can't be parsed. ``str(error)`` says why, on one line."""


def dialect_of(adapter: str) -> str:
    """Return sqlglot's name for the SQL of a dbt adapter; empty for one it doesn't know."""
    return _DIALECTS.get(adapter, "")


def fold(name: str, quoted: bool, dialect: str) -> str:
    """Return what the warehouse takes a name for: two names are the same if this is equal."""
    if dialect in _UPPER_WHEN_BARE:
        return name if quoted else name.upper()
    if dialect in _LOWER_WHEN_BARE:
        return name if quoted else name.lower()
    return name if dialect in _AS_WRITTEN else name.lower()


def spelled(name: str, quoted: bool, dialect: str) -> str:
    """Return how the warehouse writes a name: as it was first told, where it keeps the case."""
    if dialect in _LOWER:
        return name.lower()
    return fold(name, quoted, dialect) if dialect in _UPPER_WHEN_BARE | _LOWER_WHEN_BARE else name


def stored(name: str, dialect: str) -> str:
    """Return what a name read from a catalog or from YAML folds to: it is already as stored.

    YAML rarely bothers with the case that the warehouse stores, so that is forgiven.
    """
    if dialect in _UPPER_WHEN_BARE:
        return name.upper() if name.islower() else name
    if dialect in _LOWER_WHEN_BARE | _AS_WRITTEN:
        return name
    return name.lower()


def delimited(name: str) -> str:
    """Return a name as standard SQL has it where any character may stand in it."""
    return '"' + name.replace('"', '""') + '"'


def parse(sql: str, dialect: str) -> exp.Query:
    """Return the one query in `sql`. Raises UnreadableSqlError."""
    # Here, for who finds all he asks for in the cache needs no parser.
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        with quiet():
            trees = [tree for tree in sqlglot.parse(sql, dialect=dialect or None) if tree]
    except SqlglotError as error:
        raise UnreadableSqlError(_said(error)) from None
    except RecursionError:
        raise UnreadableSqlError("it is nested too deeply") from None
    except Exception as error:
        raise UnreadableSqlError(f"{type(error).__name__} in the parser") from None
    if len(trees) != 1:
        raise UnreadableSqlError(f"it holds {len(trees)} statements, not one")
    tree = trees[0]
    if "pivot" in sql.lower():
        tree = tree.transform(_selected, copy=False)
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if not isinstance(tree, exp.Query):
        raise UnreadableSqlError(f"it is no query but {type(tree).__name__.upper()}")
    return tree


def _selected(node: exp.Expr) -> exp.Expr:
    """Return DuckDB's PIVOT and UNPIVOT, where they stand as queries, as queries of a table."""
    from sqlglot import exp

    source = node.args.get("this")
    if not isinstance(node, exp.Pivot) or node.arg_key == "pivots" or source is None:
        return node
    ctes = node.args.get("with_")
    node.set("this", None)
    node.set("with_", None)
    query = exp.select("*").from_(source, copy=False)
    query.set("with_", ctes)
    source.append("pivots", node)
    return query


def _said(error: SqlglotError) -> str:
    first = getattr(error, "errors", None) or [{}]
    place = first[0].get("line")
    what = first[0].get("description") or str(error).splitlines()[0]
    what = _CLASS.sub(r"\1", what).rstrip(".")
    return f"{what}, line {place}" if place else what


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the parser's warnings, and keep the cyclic collector off: it doubles the time."""
    logger = logging.getLogger("sqlglot")
    level, was_on = logger.level, gc.isenabled()
    logger.setLevel(logging.CRITICAL)
    gc.disable()
    try:
        yield
    finally:
        logger.setLevel(level)
        if was_on:
            gc.enable()
