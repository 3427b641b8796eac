"""How far an edit may reach, by the manifests alone: what lies outside is not built again.

This is the bench's own and coarse: an entry that differs in anything, whatever names a changed
macro, and all below. It knows nothing of SQL, and nothing of what `changes` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BUILT = ("model", "seed", "snapshot")
# Of the run or the folder, not of the node.
_OF_THE_RUN = frozenset(
    ("created_at", "compiled", "compiled_code", "compiled_path", "build_path", "root_path",
     "extra_ctes", "extra_ctes_injected", "relation_name_hash", "freshness")
)  # fmt: skip
# What a model may read without naming it: it then hangs on every file of the project.
_EVERYTHING = r"\bgraph\b"
_INTERNAL = ("macro.dbt.", "macro.dbt_duckdb.")


def reached(base: Any, head: Any, settings_changed: bool) -> set[str]:
    """Return the seeds, snapshots and models, of either side, that an edit may change.

    Args:
        settings_changed: whether variables may have other values.
    """
    words = {rf"\b{re.escape(name)}\b" for name in _changed(base, head)}
    words |= {r"\bvar\s*\("} if settings_changed else set()
    every = {uid for side in (base, head) for uid in side["nodes"] if uid.startswith(BUILT)}
    macros = {**base["macros"], **head["macros"]}
    words, asked_by_dbt = _with_callers(words, macros)
    if asked_by_dbt:
        return every
    pattern = re.compile("|".join(sorted(words | _with_callers({_EVERYTHING}, macros)[0])))
    touched = {uid for uid in every if _differs(base, head, "nodes", uid)}
    touched |= {
        uid for uid in {*base["sources"], *head["sources"]} if _differs(base, head, "sources", uid)
    }
    for side in (base, head):
        touched |= {uid for uid in every & side["nodes"].keys() if pattern.search(_code(side, uid))}
    return _below(touched, base, head) & every


def _changed(base: Any, head: Any) -> set[str]:
    """Return the names of macros that are not the same on both sides."""
    sides = [{uid: one["macro_sql"] for uid, one in m["macros"].items()} for m in (base, head)]
    uids = {uid for uid in {*sides[0], *sides[1]} if sides[0].get(uid) != sides[1].get(uid)}
    return {name for uid in uids for name in _names(uid)}


def _names(uid: str) -> set[str]:
    """Return the names a macro is called by: that after an adapter's or `default__` as well."""
    name = uid.rpartition(".")[2]
    return {name, name.partition("__")[2]} if name.partition("__")[2] else {name}


def _with_callers(words: set[str], macros: Mapping[str, Any]) -> tuple[set[str], bool]:
    """Return patterns of words and of all macros that hold one, and whether dbt's own do."""
    known, found, internal = set(words), set(words), False
    while found:
        pattern = re.compile("|".join(sorted(found)))
        callers = {uid for uid, one in macros.items() if pattern.search(one["macro_sql"])}
        own = {uid for uid in callers if not uid.startswith(_INTERNAL)}
        internal = internal or bool(callers - own)
        found = {rf"\b{re.escape(name)}\b" for uid in own for name in _names(uid)} - known
        known |= found
    return known, internal


def _code(side: Any, uid: str) -> str:
    node = side["nodes"][uid]
    return f"{node.get('raw_code')} {json.dumps(node.get('config'))}"


def _differs(base: Any, head: Any, section: str, uid: str) -> bool:
    return _entry(base[section].get(uid)) != _entry(head[section].get(uid))


def _entry(node: Mapping[str, Any] | None) -> Any:
    return node and {key: value for key, value in node.items() if key not in _OF_THE_RUN}


def _below(start: set[str], base: Any, head: Any) -> set[str]:
    """Return nodes and all that read them, also by the name of their relation."""
    named = {}
    for side in (base, head):
        for uid, one in side["sources"].items():
            named.setdefault(_name(one), set()).add(uid)
    todo, seen = list(start), set(start)
    while todo:
        uid = todo.pop()
        for side in (base, head):
            node = side["nodes"].get(uid)
            children = {*side["child_map"].get(uid, ())}
            children |= named.get(_name(node), set()) if node else set()
            todo += children - seen
            seen |= children
    return seen


def _name(node: Mapping[str, Any]) -> str:
    return str(node.get("relation_name")).lower()
