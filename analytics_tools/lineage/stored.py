"""What a warehouse keeps of a query: the types of a contract, a history, rows of many runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from analytics_tools.artifacts import Model
from analytics_tools.artifacts import Relation as Node
from analytics_tools.artifacts.code import NodeCode
from analytics_tools.sql import flags
from analytics_tools.sql.declared import facts_of, key_of
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import (
    ANY,
    How,
    Leaf,
    Open,
    Relation,
    Rows,
    Value,
    h,
    quoted,
)

# Strategies by which a run replaces the rows that have a key it brings, or none.
_BY_KEY = frozenset((None, "append", "merge", "delete+insert"))
# Settings that narrow down which rows it replaces, by any column.
_CONDITIONS = (
    "incremental_predicates", "predicates", "merge_update_condition", "merge_insert_condition",
    "merge_on_using_columns", "merge_clauses", "merge_update_set_expressions",
)  # fmt: skip
# Settings by which dbt-duckdb writes a file, and reads it back.
_OF_FILES = ("format", "options", "delimiter", "partition_by", "plugin", "config")

# Materializations of dbt's adapters that build on what is there.
_KNOWN = frozenset(("incremental", "dynamic_table", "streaming_table", None))
# Settings that no materialization goes by, or that name a place.
_APART = frozenset(
    ("tags", "meta", "docs", "group", "access", "description", "schema", "alias", "database",
     "enabled", "packages", "contract", "persist_docs", "freshness", "event_time", "grants",
     "query_tag", "snowflake_warehouse", "labels", "full_refresh", "on_configuration_change")
)  # fmt: skip


class Runs(Struct, frozen=True):
    """What the later runs of an incremental model do.

    `texts` are the statements that one may send. `more` tells of it what they don't, `wholes` are
    the nodes of which any data may matter, and `asked` columns of its own table that it asks for.
    """

    texts: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def of_many_runs(relation: Relation) -> Relation:
    """Return what is certain of rows that earlier runs have left as well: types alone."""
    columns = {
        key: replace(value.become(value.id), facts=value.facts & flags.OF_TYPE)
        for key, value in relation.columns.items()
    }
    return replace(relation, columns=columns, unique=frozenset(), follows=())


def itself(uid: str, relation: Relation) -> Relation:
    """Return the table that a later run of a model finds: of its columns, the types are known."""
    base = h("itself", uid)
    part = Open(base, uid)
    columns = {
        key: replace(part.get(key, value.name), type=value.type, facts=value.facts)
        for key, value in relation.columns.items()
    }
    rows = Rows(h("rows", base))
    others = replace(part, hidden=frozenset(columns))
    return Relation(columns, rows, rows, (others,), reads=frozenset({uid}))


def over_runs(
    uid: str,
    relation: Relation,
    later: Sequence[Relation],
    settings: Mapping[str, Any],
    dialect: str,
    more: Sequence[str],
    asked: Iterable[str],
) -> Relation:
    """Return a table that runs build on: what the first and each later one put into it.

    Which rows a later run brings and replaces hangs on the keys and on what it reads of the table
    itself; where nothing says how it replaces, on everything.

    Args:
        later: what a later run may select, in every way it may.
        more: what else decides what a later run does.
        asked: columns of the table itself that it asks for before.
    """
    own = {
        key: h("runs", value.id, *(_later_id(one, key) for one in later))
        for key, value in relation.columns.items()
    }
    reads = {key: _of_itself(uid, (one.columns[key].edges for one in later if key in one.columns),
                             own, dialect) for key in own}  # fmt: skip
    columns = {
        key: value.become(h("over runs", *(own[k] for k in _closed([key], reads))))
        for key, value in relation.columns.items()
    }
    names = _replaced_by(settings, own, dialect)
    names |= _of_itself(uid, (one.deciders for one in later), own, dialect)
    words = {stored(name, dialect) for name in asked}
    names |= set(own) if ANY in words else words & own.keys()
    ids = [own[key] for key in _closed(sorted(names), reads)] + [one.rows.id for one in later]
    rows = Rows(h("runs", relation.rows.id, *ids, "more", *more))
    return replace(relation, columns=columns, rows=rows, seq=rows, branches=())


def _replaced_by(settings: Mapping[str, Any], own: Iterable[str], dialect: str) -> set[str]:
    """Return the columns by which a later run may replace rows."""
    given = settings.get("unique_key")
    keys = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    names = {stored(str(name).strip('"`'), dialect) for name in keys}
    by_key = settings.get("incremental_strategy") in _BY_KEY and names <= {*own}
    return {*own} if not by_key or any(settings.get(key) for key in _CONDITIONS) else names


def of_own_ways(
    materialized: str | None, relation: Relation, settings: Mapping[str, Any]
) -> Relation:
    """Return what a materialization makes: all may hang on all that one of somebody's own knows."""
    if materialized in _KNOWN:
        return relation
    told = {key: value for key, value in settings.items() if value and key not in _APART}
    made = h("built", quoted(json.dumps(told, sort_keys=True, default=str)), relation.whole)
    columns = {
        key: replace(value.become(h("built", made, key)), facts=0)
        for key, value in relation.columns.items()
    }
    rows = Rows(made)
    return Relation(columns, rows, rows, relation.open, relation.deciders, relation.reads)


def of_a_file(relation: Relation, settings: Mapping[str, Any]) -> Relation:
    """Return a table as it is read back from a file: as text it may get other types."""
    told = {key: settings[key] for key in _OF_FILES if settings.get(key)}
    said = quoted(json.dumps(told, sort_keys=True, default=str))
    exact = settings.get("format") in (None, "", "parquet") and not settings.get("plugin")
    columns = {
        key: replace(value.become(h("file", said, value.id)), facts=value.facts if exact else 0)
        for key, value in relation.columns.items()
    }
    return replace(relation, columns=columns, branches=())


def _later_id(one: Relation, key: str) -> str:
    return one.columns[key].id if key in one.columns else one.whole


def _of_itself(
    uid: str, many: Iterable[Mapping[Leaf, Any]], own: Iterable[str], dialect: str
) -> set[str]:
    """Return the table's own columns among those that something is taken from."""
    names = {name for leaves in many for node, name in leaves if node == uid}
    return set(own) if ANY in names else {stored(name, dialect) for name in names} & set(own)


def _closed(keys: Sequence[str], reads: Mapping[str, set[str]]) -> list[str]:
    """Return keys, and all that these are taken from, over any number of runs."""
    found, todo = dict.fromkeys(keys), list(keys)
    while todo:
        for key in sorted(reads[todo.pop()] - found.keys()):
            found[key] = None
            todo.append(key)
    return list(found)


def as_contracted(node: Node, code: NodeCode, relation: Relation, dialect: str) -> Relation:
    """Return a query as the table of a contract holds it, if the node has one."""
    if not (isinstance(node, Model) and node.has_contract and not relation.open):
        return relation
    declared = {
        stored(str(c.name or key), dialect): str(c.data_type or "")
        for key, c in (code.columns or {}).items()
    }
    is_view = node.materialized in ("view", "ephemeral")
    never_null = _promised(code, dialect) if node.materialized == "table" else frozenset()
    columns = {
        key: _as_declared(value, declared[key], dialect, key in never_null)
        if declared.get(key) and not is_view
        else value
        for key, value in relation.columns.items()
    }
    unique = _as_unique(relation, columns)
    if set(declared) == set(columns) and not is_view:
        columns = {key: columns[key] for key in declared}
    return replace(relation, columns=columns, unique=unique)


def _promised(code: NodeCode, dialect: str) -> frozenset[str]:
    """Return the columns that the warehouse itself keeps from being null."""
    kept = ("not_null",) if dialect == "bigquery" else ("not_null", "primary_key")
    return frozenset(
        key.lower()
        for key, column in (code.columns or {}).items()
        for one in column.constraints or ()
        if isinstance(one, dict) and one.get("type") in kept
    )


def _as_declared(value: Value, declared: str, dialect: str, filled: bool) -> Value:
    """Return a column as the table of a contract holds it."""
    certain = facts_of(declared, dialect) | (value.facts & flags.FILLED)
    made = h("stored", quoted(key_of(declared, dialect)), value.id)
    return replace(value, id=made, facts=certain | (flags.FILLED if filled else 0))


def _as_unique(relation: Relation, kept: Mapping[str, Value]) -> frozenset[frozenset[str]]:
    """Return the keys of a relation by its columns as they are kept.

    Of two numbers another type could make one: not of two whole ones, or of two texts.
    """
    same = flags.INTEGER | flags.TEXT
    moved = {
        value.id: kept[key].id
        for key, value in relation.columns.items()
        if value.id == kept[key].id or value.facts & kept[key].facts & same
    }
    return frozenset(
        frozenset(moved[one] for one in key) for key in relation.unique if key <= moved.keys()
    )


def published(uid: str, relation: Relation) -> Relation:
    """Return a relation as the readers of a node see it: its columns come from the node."""
    columns = {
        key: Value(
            value.id, value.name, {(uid, value.name): How.COPIED}, value.type, True, value.facts,
            value.clear, value.default, unless=value.unless,
        )
        for key, value in relation.columns.items()
    }  # fmt: skip
    opened = tuple(replace(part, node=uid, edges={}) for part in relation.open)
    return replace(relation, columns=columns, open=opened, deciders={}, reads=frozenset({uid}))
