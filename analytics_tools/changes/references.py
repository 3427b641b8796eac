"""What is named without ``ref``: by filters, keys of models and snapshots, hooks, and in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from analytics_tools.artifacts.code import Code, items_of, keys_of
from analytics_tools.artifacts.naming import steps_of
from analytics_tools.changes.functions import called

if TYPE_CHECKING:
    from analytics_tools.changes.pair import Pair

# Ways of an incremental model to add rows without looking at its key.
_KEYLESS = frozenset(("append", "insert_overwrite", "microbatch"))
_THIS = re.compile(r"\{\{\s*this\s*\}\}")
_WORD = re.compile(r"\w+")
_TIME = "metric_time"  # every metric has it


def names_of(code: Code) -> frozenset[str]:
    """Return every name that a filter can use: entities, and dimensions by an entity's name.

    A name counts whatever joins lead to it, so one that isn't there can't be reached at all. A
    foreign entity is no name for what stands beside it.
    """
    found = {_TIME}
    for uid in code.semantic_models or {}:
        entry = code.entry("semantic_models", uid)
        entities = _names(entry.get("entities"))
        elements = {*entities, *_names(entry.get("dimensions"))}
        found |= elements | {f"{link}__{name}" for link in links_of(entry) for name in elements}
    return frozenset(found)


def links_of(entry: Mapping[str, Any]) -> set[str]:
    """Return the entities by which a semantic model's elements are named and joined."""
    own = [one for one in items_of(entry.get("entities")) if keys_of(one).get("type") != "foreign"]
    return {*_names(own), str(entry.get("primary_entity") or "").lower()} - {""}


def is_there(name: str, names: frozenset[str]) -> bool:
    """Whether a name can be found, by the last entity on the way to it."""
    return "__".join(steps_of(name, names)[-2:]) in names


def columns_named(settings: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """Return the columns that some of a node's settings name; an expression names none."""
    values = [settings.get(key) for key in keys]
    named = [one for v in values for one in (v if isinstance(v, list) else [v])]
    return [one for one in named if isinstance(one, str) and one.isidentifier()]


def keys_in_use(settings: Mapping[str, Any], snapshot: bool) -> tuple[str, ...]:
    """Return the settings by which a run asks for columns, given how the node is kept up."""
    if snapshot:
        checks = settings.get("check_cols") != "all" and settings.get("strategy") == "check"
        timed = settings.get("strategy") == "timestamp"
        return ("unique_key", *(["check_cols"] * checks), *(["updated_at"] * timed))
    keyless = settings.get("incremental_strategy") in _KEYLESS
    return () if keyless else ("unique_key", "merge_update_columns")


def named_by_hooks(
    old: Mapping[str, Any], new: Mapping[str, Any], had: frozenset[str], has: frozenset[str]
) -> dict[str, bool]:
    """Return the columns that a node's hooks name and it hasn't, and whether that is certain.

    It is where a hook is about nothing else than ``{{ this }}``: then its SQL can be read.

    Args:
        had: the columns of the node in base, in small letters; `has` those of head.
    """
    known = [sql for sql, _ in _hooks(old)]
    found: dict[str, bool] = {}
    for sql, after in _hooks(new):
        named = _columns_of(_THIS.sub(" this ", sql))
        if named is None:
            named = {word.lower() for word in _WORD.findall(sql)} & had
            after = False
        elif sql in known:
            named &= had
        for name in named - has:
            found[name] = found.get(name, False) or after
    return found


def _hooks(settings: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Return the SQL of hooks, and whether it runs after the model's own."""
    return [
        (str(hook.get("sql") or "") if isinstance(hook, Mapping) else str(hook), key == "post-hook")
        for key in ("pre-hook", "post-hook")
        for hook in items_of(settings.get(key))
    ]


def _columns_of(sql: str) -> set[str] | None:
    """Return the columns that a DELETE or UPDATE of one table names; None for what is no such."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if "{" in sql:
        return None
    try:
        tree = sqlglot.parse_one(sql)
    except (SqlglotError, RecursionError):
        return None
    if not isinstance(tree, exp.Delete | exp.Update) or len(list(tree.find_all(exp.Table))) > 1:
        return None
    return {column.name.lower() for column in tree.find_all(exp.Column)}


def _names(entries: Any) -> set[str]:
    return {str(keys_of(one).get("name") or "").lower() for one in items_of(entries)} - {""}


def lost_names(pair: Pair, uid: str) -> list[str]:
    """Say what a node of head names, without ``ref``, that nothing makes any longer."""
    if uid not in pair.base.project.nodes_by_id:
        return []
    sql, found = pair.after.sql_of(uid), []
    for one in sorted(pair.read_elsewhere(uid)):
        node = pair.base.project.relations[one]
        # In another environment the schema may be another one as well.
        parts = 2 if one in pair.head.project.relations else 1
        if node.kind == "source" or pair.after.names.has(node, parts):
            continue
        if one in pair.before.names.mentioned(sql, {uid}):
            found.append(f"it reads {node.label} by its name, which nothing builds any longer")
    lost = pair.made_by_hooks[1]
    for name in sorted(lost & called(sql)) if lost else ():
        found.append(f"it calls {name}, which on-run-start makes no longer")
    return found
