"""Configuration that differs, and what follows from it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics_tools.artifacts import Relation
from analytics_tools.artifacts.code import NodeCode
from analytics_tools.artifacts.nodes import Source

# Settings that describe a node, or say how it is run, and leave what is built alone.
_PASSIVE = frozenset(
    ("tags", "meta", "docs", "group", "access", "description", "packages", "enabled", "severity",
     "freshness", "static_analysis", "full_refresh", "concurrent_batches",
     "deprecation_date", "query_tag", "snowflake_warehouse", "labels", "on_configuration_change",
     "store_failures", "event_time", "loaded_at_field", "loaded_at_query", "_pre_injected_sql",
     "on_schema_change",
     "_extra", "inject_ephemeral_ctes", "quote_columns", "delimiter", "column_types")
)  # fmt: skip
# Settings that say how a table is stored. Whatever else a model is told that isn't built anew
# may decide which rows it ends up with.
_STORED = frozenset(
    ("materialized", "contract", "persist_docs", "grants", "indexes", "transient", "cluster_by",
     "sort", "sort_type", "dist", "file_format", "tblproperties", "table_type", "unlogged",
     "copy_grants", "secure", "automatic_clustering", "kms_key_name", "hours_to_expiration",
     "require_partition_filter", "location_root", "clustered_by", "buckets", "liquid_clustered_by")
)  # fmt: skip
_BUILT_ANEW = frozenset(
    (None, "table", "view", "ephemeral", "materialized_view", "seed", "snapshot", "test")
)
_OF_RUNS = frozenset(("event_time", "full_refresh"))
# Settings that run SQL of their own beside the model's.
_RUNS_SQL = ("pre-hook", "post-hook", "pre_hook", "post_hook", "sql_header")
_HARMLESS_SQL = re.compile(
    r"^\s*(grant|analyze|vacuum|comment|optimize|alter\s+table\s+\S+\s+owner)[^;]*;?\s*$", re.I
)
# Where the relation is: another place in another environment is no change.
_PLACE = frozenset(("schema", "alias", "database", "project", "dataset"))
_ORDERLESS = frozenset(("tags", "packages", "merge_update_columns", "merge_exclude_columns"))


class Settings(NamedTuple):
    """The settings of a node that differ.

    `fields` are their names. `rebuilds` is whether the node has to be built anew for them alone,
    `moves` whether its relation gets another name, `salt` what may change its rows.
    """

    fields: tuple[str, ...] = ()
    rebuilds: bool = False
    moves: bool = False
    salt: str = ""


def compare(base: NodeCode, head: NodeCode) -> Settings:
    """Compare the settings of one node."""
    before, after = base.settings, head.settings
    fields = [
        key
        for key in (sorted({*before, *after}) if before != after else ())
        if _tidy(key, before.get(key)) != _tidy(key, after.get(key))
        and not _from_environment(key, base, head)
    ]
    moves = [key for key in fields if key in _PLACE]
    docs = []
    if _documents(base) != _documents(head):
        docs = ["description"]
    persisted = bool(docs) and bool(after.get("persist_docs"))
    rebuilds = [key for key in fields if key not in _PASSIVE]
    contract = _contract(base) != _contract(head)
    if contract:
        fields.append("contract")
    return Settings(
        tuple(dict.fromkeys([*fields, *docs])),
        bool(rebuilds) or persisted or contract,
        bool(moves),
        _salt(fields, before, after),
    )


def elsewhere(found: Settings, before: Relation, after: Relation) -> Settings:
    """Return the settings of a node, with the parts in which the name dbt gives it differs."""
    parts = ("database", "schema", "alias")
    differ = [one for one in parts if getattr(before, one, None) != getattr(after, one, None)]
    if not differ or isinstance(after, Source):
        return found
    fields = tuple(dict.fromkeys((*found.fields, *differ)))
    return found._replace(fields=fields, rebuilds=True, moves=True)


def _salt(fields: list[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what makes the rows of head others than those of base, besides the SQL."""
    found: dict[str, Any] = {}
    kept = before.get("materialized") == after.get("materialized") not in _BUILT_ANEW
    for key in fields:
        # What a table is at every run, an incremental model is after the first only.
        kinds = (before.get(key), after.get(key)) if key == "materialized" else ()
        if "incremental" in kinds:
            found[key] = after.get(key)
        runs = key in _RUNS_SQL and not (_harmless(before.get(key)) and _harmless(after.get(key)))
        stored = key in _STORED | _PLACE | _PASSIVE - _OF_RUNS or key in _RUNS_SQL
        if runs or (kept and not stored):
            found[key] = after.get(key)
    return json.dumps(found, sort_keys=True, default=str) if found else ""


def _harmless(hooks: Any) -> bool:
    texts = hooks if isinstance(hooks, list) else [hooks] if hooks else []
    found = [one.get("sql", "") if isinstance(one, dict) else str(one) for one in texts]
    return all(_HARMLESS_SQL.match(text) for text in found)


def _tidy(key: str, value: Any) -> Any:
    """Return a setting so that what means the same is equal: empty is absent."""
    if value is None or value == "" or value == [] or value == {}:
        return None
    if key in _ORDERLESS and isinstance(value, list):
        return sorted(map(str, value))
    if key == "contract" and isinstance(value, dict):
        return bool(value.get("enforced"))
    return value


def _from_environment(key: str, base: NodeCode, head: NodeCode) -> bool:
    """Whether a setting is written the same on both sides and only rendered differently."""
    before, after = base.unrendered_config, head.unrendered_config
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return False
    if key in before or key in after:
        written = before.get(key)
        return bool(written == after.get(key) and isinstance(written, str) and "{{" in written)
    return key in _PLACE


def _documents(code: NodeCode) -> Any:
    columns = {key: column.description or "" for key, column in (code.columns or {}).items()}
    return (code.description or "", {key: text for key, text in columns.items() if text})


def _contract(code: NodeCode) -> Any:
    """Return what a contract says; None when there is none."""
    contract = code.contract if isinstance(code.contract, dict) else code.settings.get("contract")
    if not (isinstance(contract, dict) and contract.get("enforced")):
        return None
    columns = [
        (key, str(column.data_type or "").lower(), column.constraints or [])
        for key, column in (code.columns or {}).items()
    ]
    return (sorted(columns, key=lambda c: c[0]), code.constraints or [])
