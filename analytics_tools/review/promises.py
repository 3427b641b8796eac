"""What a model promised to its readers and promises no longer: contract, constraints, access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics_tools.artifacts.code import NodeCode
from analytics_tools.changes.side import Side
from analytics_tools.score.keys import folded

_ACCESS = ("private", "protected", "public")


def loosened(uid: str, base: Side, head: Side) -> str:
    """Say what an enforced contract no longer holds; empty when it holds all it did.

    What it says of columns that are gone is told as columns that are gone.
    """
    before, after = base.code.node(uid), head.code.node(uid)
    if not _is_enforced(before):
        return ""
    if not _is_enforced(after):
        return "it is not enforced any more"
    kept = {folded(name) for name in after.columns or {}}
    lost = [
        f"{kind} of {', '.join(columns) or 'the model'}"
        for kind, columns in sorted(_constraints(before) - _constraints(after))
        if kept.issuperset(columns)
    ]
    return f"without {'; '.join(lost)}" if lost else ""


def narrowed(uid: str, base: Side, head: Side) -> str:
    """Say how fewer may read a model than before; empty when they may."""
    one, two = base.project.models.get(uid), head.project.models.get(uid)
    if one is None or two is None:
        return ""
    before = one.access or one.config.access or "protected"
    after = two.access or two.config.access or "protected"
    if before not in _ACCESS or after not in _ACCESS:
        return ""
    return f"{before} is now {after}" if _ACCESS.index(after) < _ACCESS.index(before) else ""


def _is_enforced(code: NodeCode) -> bool:
    contract = code.contract if isinstance(code.contract, dict) else code.settings.get("contract")
    return isinstance(contract, dict) and bool(contract.get("enforced"))


def _constraints(code: NodeCode) -> set[tuple[str, tuple[str, ...]]]:
    """Return constraints by kind and columns; expressions count, names and texts don't."""
    found = {_told(one, ()) for one in _listed(code.constraints)}
    for name, column in (code.columns or {}).items():
        found |= {_told(one, (folded(name),)) for one in _listed(column.constraints)}
    return found


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _told(one: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    named = one.get("columns")
    given = tuple(folded(str(name)) for name in named) if isinstance(named, list) and named else ()
    kind = str(one.get("type") or "")
    expression = str(one.get("expression") or "")
    return f"{kind} {expression}".strip() if kind in ("check", "custom") else kind, given or columns
