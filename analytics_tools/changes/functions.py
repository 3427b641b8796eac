"""Functions of dbt: what dbt puts into the warehouse for models to call."""

from __future__ import annotations

from typing import Any

from analytics_tools.artifacts.code import Code, keys_of, parents_of
from analytics_tools.graph import reachable, turned_round


def edited_functions(base: Code, head: Code) -> set[str]:
    """Return the functions that changed, and those that call one of them."""
    sides = [code.functions or {} for code in (base, head)]
    both = [{uid: _does(entry) for uid, entry in side.items()} for side in sides]
    edited = {uid for uid in {*both[0], *both[1]} if both[0].get(uid) != both[1].get(uid)}
    above = {
        uid: parents_of(keys_of(entry).get("depends_on"))
        for side in sides
        for uid, entry in side.items()
    }
    return edited | reachable(edited, turned_round(above))


def _does(entry: Any) -> Any:
    """Return what a function does, by its code and its shape."""
    if not isinstance(entry, dict):
        return None
    code = entry.get("raw_code") or entry.get("raw_sql")
    return [code, *(entry.get(key) for key in ("language", "type", "arguments", "returns"))]
