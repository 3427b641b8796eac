"""Functions that models call in the warehouse: dbt's own, and those that `on-run-start` makes."""

from __future__ import annotations

import re
from typing import Any

from analytics_tools.artifacts.code import Code, items_of, keys_of, parents_of
from analytics_tools.changes.macros import Macros
from analytics_tools.graph import reachable, turned_round

_MADE = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:function|macro)\s+"
    r"(?:if\s+not\s+exists\s+)?([^()]+?)\s*\(",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_CALLED = re.compile(r"(\w+)[\"`]?\s*\(")


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


def edited_by_hooks(macros: Macros, base: Code, head: Code) -> tuple[set[str], set[str]]:
    """Return the functions that `on-run-start` makes otherwise, and those it makes no longer.

    By name, in small letters. What it calls is read as it is written, without its Jinja.
    """
    before, after = (_made(macros, code) for code in (base, head))
    edited = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return edited, before.keys() - after.keys()


def called(sql: str) -> set[str]:
    """Return the names of the functions that SQL may call, in small letters."""
    return {name.lower() for name in _CALLED.findall(sql)}


def _made(macros: Macros, code: Code) -> dict[str, list[str]]:
    """Return the functions that `on-run-start` makes, each with the texts that do."""
    found: dict[str, list[str]] = {}
    for uid in sorted(one for one in code.nodes or () if one.startswith("operation.")):
        node = code.node(uid)
        if "on-run-start" not in items_of(node.tags):
            continue
        texts = [node.raw, *(macros.text(code, one) for one in sorted(macros.reached(code, node)))]
        for text in texts:
            for name in _MADE.findall(text):
                words = _WORD.findall(name)
                if words:
                    found.setdefault(words[-1].lower(), []).append(" ".join(text.split()))
    return found


def _does(entry: Any) -> Any:
    """Return what a function does, by its code and its shape."""
    if not isinstance(entry, dict):
        return None
    code = entry.get("raw_code") or entry.get("raw_sql")
    return [code, *(entry.get(key) for key in ("language", "type", "arguments", "returns"))]
