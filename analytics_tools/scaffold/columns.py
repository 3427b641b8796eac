"""A raw column as staging has it: its name, its group, the SQL that types and cleans it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analytics_tools.reserved import SQL_WORDS
from analytics_tools.scaffold.describing import describe
from analytics_tools.scaffold.names import plural, snake
from analytics_tools.scaffold.seen import ColumnSeen, TableSeen
from analytics_tools.score.pii import speaks_of_a_person
from analytics_tools.sql.type_names import Type, parse

# In the order in which a model lists them, under these comments.
GROUPS = ("ids", "strings", "numbers", "booleans", "timestamps", "other")
KINDS = {
    "text": "strings", "char": "strings", "uuid": "strings", "enum": "strings",
    "int": "numbers", "uint": "numbers", "decimal": "numbers", "float": "numbers",
    "bool": "booleans", "date": "timestamps", "timestamp": "timestamps",
    "timestamptz": "timestamps", "time": "timestamps",
}  # fmt: skip
# When a connector delivered the row, most certain first.
_LOADED = (
    "_airbyte_extracted_at", "_airbyte_emitted_at", "_fivetran_synced", "_sdc_batched_at",
    "_sdc_received_at", "_dlt_loaded_at", "_loaded_at", "loaded_at", "_extracted_at",
    "extracted_at", "_ingested_at", "ingested_at", "_synced_at", "synced_at", "etl_loaded_at",
    "_etl_loaded_at", "inserted_at", "delivered_at",
)  # fmt: skip
_DELETED = {"_ab_cdc_deleted_at", "_sdc_deleted_at", "_fivetran_deleted"}
# The rest of what connectors add says nothing of the business.
_OF_CONNECTORS = ("_airbyte_", "_ab_cdc_", "_dlt_", "_sdc_", "_fivetran_")
# Alone, they say too little in a join of several models.
_BARE = {"name", "type", "status", "state", "kind", "category", "description", "code", "title"}
_ZONED_CAST = {"duckdb", "postgres", "redshift"}
_CASE_BLIND = {"", "duckdb", "bigquery", "databricks", "spark", "trino", "athena", "sqlserver"}


@dataclass(frozen=True)
class Staged:
    """A column of a staging model, and the raw one it comes from.

    `role` is key, id, loaded, deleted or nothing. `clean` says what is done to text: trim, lower
    (and trim) or nothing; `is_nulled` that empty text becomes null.
    """

    seen: ColumnSeen
    name: str
    group: str
    type: Type
    sql: str
    role: str = ""
    clean: str = ""
    is_nulled: bool = False
    is_personal: bool = False
    description: str = ""


def staged_columns(table: TableSeen, name: str, adapter: str, *, exact: bool) -> tuple[Staged, ...]:
    """Return the columns of a staging model, by group.

    Args:
        table: the raw table.
        name: what one row is, in the singular: order.
        adapter: whose SQL.
        exact: whether names are as the warehouse has them, and not as a file.
    """
    key = _key(table, name)
    loaded = _loaded(table, adapter)
    taken: set[str] = set()
    found = []
    for seen in table.columns:
        if seen.name.lower().startswith(_OF_CONNECTORS) and not (
            seen is loaded or seen.name.lower() in _DELETED
        ):
            continue
        kind = parse(seen.type, adapter)
        role = _role(seen, key, loaded)
        called = _called(seen, kind, role, name)
        called = next(name for name in _numbered(called) if name not in taken)
        taken.add(called)
        found.append(_staged(seen, kind, role, called, quoted(seen.name, adapter, exact), adapter))
    ordered = sorted(found, key=lambda column: GROUPS.index(column.group))
    return tuple(replace(c, description=describe(c, name)) for c in ordered)


def _numbered(name: str) -> Iterator[str]:
    """The name, and what else it may be called where others come to the same."""
    yield name
    for number in itertools.count(2):
        yield f"{name}_{number}"


def quoted(name: str, adapter: str, exact: bool) -> str:
    """Return a raw column's name in a model's SQL: quoted by dbt where the engine needs that."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in SQL_WORDS
    folds = adapter in _CASE_BLIND or not exact
    as_folded = name == (name.upper() if adapter == "snowflake" else name.lower())
    if plain and (folds or as_folded):
        return name.lower()
    return f'{{{{ adapter.quote("{name}") }}}}'


def is_id(name: str) -> bool:
    """Whether a column is called like a key, of this table or another."""
    return bool(re.search(r"(^|_)(id|key|uuid|guid)$", snake(name)))


def _key(table: TableSeen, name: str) -> ColumnSeen | None:
    """The column that tells rows apart, by its name, or by what was seen."""
    words = (
        "id",
        f"{name}_id",
        f"{name}_key",
        f"{name}_uuid",
        f"{plural(name)}_id",
        "uuid",
        "guid",
    )
    by_name = {snake(column.name): column for column in reversed(table.columns)}
    named = [by_name[word] for word in words if word in by_name]
    if named:
        return named[0]
    if not table.rows:
        return None
    alone = [c for c in table.columns if c.distinct == c.filled == table.rows]
    ids = [c for c in alone if is_id(c.name)]
    if ids:
        return ids[0]
    first = table.columns[0]
    likely = first in alone and table.rows >= 1000 and not speaks_of_a_person(first.name)
    return first if likely and parse(first.type).family in ("int", "text", "uuid") else None


def _loaded(table: TableSeen, adapter: str) -> ColumnSeen | None:
    by_name = {column.name.lower(): column for column in table.columns}
    for name in _LOADED:
        column = by_name.get(name)
        if column and parse(column.type, adapter).family in ("timestamp", "timestamptz", "date"):
            return column
    return None


def _role(seen: ColumnSeen, key: ColumnSeen | None, loaded: ColumnSeen | None) -> str:
    if seen is key:
        return "key"
    if seen is loaded:
        return "loaded"
    if seen.name.lower() in _DELETED:
        return "deleted"
    return "id" if is_id(seen.name) else ""


def _called(seen: ColumnSeen, kind: Type, role: str, entity: str) -> str:
    """The column's name in staging."""
    if role in ("loaded", "deleted"):
        return "loaded_at" if role == "loaded" else "is_deleted"
    name = snake(seen.name) or "column"
    if name in ("id", "uuid", "guid", "key"):
        return f"{entity}_{name}"
    if kind.family == "bool" and not name.startswith(("is_", "has_", "was_", "can_")):
        return f"is_{name}"
    if kind.family in ("timestamp", "timestamptz") and name in ("created", "updated", "deleted"):
        return f"{name}_at"
    if name in ("date", "day", "time", "timestamp"):
        suffix = "date" if kind.family == "date" else "at" if kind.family != "time" else "time"
        return f"{entity}_{suffix}"
    return f"{entity}_{name}" if name in _BARE or name in SQL_WORDS else name


def _staged(seen: ColumnSeen, kind: Type, role: str, called: str, raw: str, adapter: str) -> Staged:
    group = "ids" if role in ("key", "id") else KINDS.get(kind.family, "other")
    if role == "deleted":
        group = "booleans"
    clean = ""
    if kind.family == "text":
        folds = 0 < seen.distinct_folded < seen.distinct_trimmed and bool(seen.values)
        clean = "lower" if folds else "trim" if seen.padded or seen.blank else ""
    personal = speaks_of_a_person(seen.name) or seen.addresses * 2 > seen.filled
    if personal:
        seen = replace(seen, values=())  # what people are called stays where it is
    column = Staged(seen, called, group, kind, raw, role, clean, bool(seen.blank), personal)
    return replace(column, sql=_sql(column, raw, adapter))


def _sql(column: Staged, raw: str, adapter: str) -> str:
    """The expression that types and cleans the column."""
    family = column.type.family
    if column.role == "deleted":
        if family != "bool":
            return f"{raw} is not null"
        return f"coalesce(cast({raw} as {{{{ dbt.type_boolean() }}}}), false)"
    if family == "text":
        text = f"trim({raw})" if column.clean else raw
        text = f"lower({text})" if column.clean == "lower" else text
        return f"nullif({text}, '')" if column.is_nulled else text
    if family == "timestamptz" and adapter in _ZONED_CAST:
        return f"cast({raw} at time zone 'UTC' as {{{{ dbt.type_timestamp() }}}})"
    target = _cast(column.type)
    return f"cast({raw} as {target})" if target else raw


def _cast(kind: Type) -> str:
    """What a column is cast to, in words that engines share; empty for what stays as it is."""
    if kind.family == "decimal" and kind.size is not None and kind.scale is not None:
        return f"numeric({kind.size + kind.scale}, {kind.scale})"
    if kind.family in ("int", "uint") and (kind.size or 0) > (64 if kind.family == "int" else 32):
        return "numeric(38, 0)"
    macro = {
        "int": "bigint", "uint": "bigint", "float": "float", "bool": "boolean", "uuid": "string",
        "enum": "string", "timestamp": "timestamp", "timestamptz": "timestamp",
    }.get(kind.family)  # fmt: skip
    if kind.family == "date":
        return "date"
    return f"{{{{ dbt.type_{macro}() }}}}" if macro else ""


def grouped(columns: Iterable[Staged]) -> dict[str, list[Staged]]:
    """Return columns by group, in the order of groups."""
    found: dict[str, list[Staged]] = {}
    for column in columns:
        found.setdefault(column.group, []).append(column)
    return found
