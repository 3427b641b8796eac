"""What a warehouse keeps of a query: the types of a contract, a history, rows of many runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from analytics_tools.artifacts.code import NodeCode
from analytics_tools.sql import facts
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import How, Relation, Rows, Value, h, quoted


def of_many_runs(relation: Relation) -> Relation:
    """Return what is certain of rows that earlier runs have left as well: types alone."""
    columns = {
        key: replace(value, facts=value.facts & facts.OF_TYPE)
        for key, value in relation.columns.items()
    }
    return replace(relation, columns=columns, unique=frozenset())


def promised(code: NodeCode) -> frozenset[str]:
    """Return the columns that the warehouse itself keeps from being null."""
    return frozenset(
        key.lower()
        for key, column in (code.columns or {}).items()
        for one in column.constraints or ()
        if isinstance(one, dict) and one.get("type") in ("not_null", "primary_key")
    )


def as_declared(value: Value, declared: str, dialect: str, filled: bool) -> Value:
    """Return a column as the table of a contract holds it."""
    certain = facts.of_type_name(declared, dialect) | (value.facts & facts.FILLED)
    made = h("stored", quoted(facts.type_key(declared, dialect)), value.id)
    return replace(value, id=made, facts=certain | (facts.FILLED if filled else 0))


def published(uid: str, relation: Relation) -> Relation:
    """Return a relation as the readers of a node see it: its columns come from the node."""
    columns = {
        key: Value(
            value.id, value.name, {(uid, value.name): How.COPIED}, value.type, True, value.facts,
            value.clear, value.default,
        )
        for key, value in relation.columns.items()
    }  # fmt: skip
    opened = tuple(replace(part, node=uid, edges={}) for part in relation.open)
    return replace(relation, columns=columns, open=opened, deciders={}, reads=frozenset({uid}))


def history(settings: Mapping[str, Any], relation: Relation, dialect: str) -> Relation:
    """Return a snapshot: which versions there are may depend on every column."""
    keys = (
        "unique_key",
        "strategy",
        "updated_at",
        "check_cols",
        "hard_deletes",
        "invalidate_hard_deletes",
        "dbt_valid_to_current",
        "snapshot_meta_column_names",
    )
    text = json.dumps({k: settings.get(k) for k in keys}, sort_keys=True, default=str)
    held = [part for key, value in relation.columns.items() for part in (quoted(key), value.id)]
    held += [part.id for part in relation.open]
    made = h("snapshot", quoted(text), relation.rows.id, *held)
    columns = dict(of_many_runs(relation).columns)
    given = settings.get("snapshot_meta_column_names")
    names = given if isinstance(given, dict) else {}
    own = ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"]
    if settings.get("hard_deletes") == "new_record":
        own.append("dbt_is_deleted")
    for name in own:
        shown = str(names.get(name) or name)
        columns[stored(shown, dialect)] = Value(h("history", made, name), shown)
    rows = Rows(h("versions", made))
    return replace(relation, columns=columns, rows=rows, seq=rows, unique=frozenset(), branches=())
