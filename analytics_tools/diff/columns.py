"""What changed between the columns of one relation, before and after."""

from __future__ import annotations

import difflib
import re

from analytics_tools.artifacts import CatalogColumn, CatalogTable
from analytics_tools.diff.model import ColumnChange, Effect
from analytics_tools.sql.types import Change, classify

# Adapters on which names that differ by case only are one name.
_CASE_BLIND = {"duckdb", "bigquery", "databricks", "spark", "trino", "athena", "sqlserver"}


def compare_columns(
    old: CatalogTable, new: CatalogTable, adapter: str, code: str = ""
) -> tuple[ColumnChange, ...]:
    """Compare the columns of one relation, in the order of the newer one, removals first.

    Args:
        old, new: the relation before and after.
        adapter: dbt's adapter, whose types and case rules hold; empty when unknown.
        code: the newer SQL, where a rename may be spelled out.
    """
    if old.columns == new.columns:
        return ()
    before = {column.name: column for column in old.in_order()}
    after = {column.name: column for column in new.in_order()}
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    changes: list[ColumnChange] = []
    for name in gone:
        match = _renamed(before[name], [after[n] for n in come], adapter, code)
        if match is None:
            effect = Effect.INCOMPATIBLE
            changes.append(ColumnChange(name, "removed", effect, before[name].type or "", ""))
            continue
        changes.append(match)
        come.remove(match.after)
        retyped = _retyped(before[name], after[match.after], adapter)
        changes += [retyped] if retyped else []
    for name, column in after.items():
        if name in come:
            changes.append(ColumnChange(name, "added", Effect.ADDITIVE, "", column.type or ""))
        elif name in before:
            retyped = _retyped(before[name], column, adapter)
            changes += [retyped] if retyped else []
    return tuple(changes) + _reordered(list(before), list(after))


def _retyped(old: CatalogColumn, new: CatalogColumn, adapter: str) -> ColumnChange | None:
    before, after = old.type or "", new.type or ""
    change = classify(before, after, adapter)
    if change is Change.NONE:
        return None
    return ColumnChange(new.name, "retyped", Effect(change.value), before, after)


def _reordered(before: list[str], after: list[str]) -> tuple[ColumnChange, ...]:
    """Return one change for each column that moved past others that both sides have."""
    kept_before = [name for name in before if name in set(after)]
    kept_after = [name for name in after if name in set(before)]
    if kept_before == kept_after:
        return ()
    matcher = difflib.SequenceMatcher(None, kept_before, kept_after, autojunk=False)
    stayed = {
        name
        for block in matcher.get_matching_blocks()
        for name in kept_after[block.b :][: block.size]
    }
    return tuple(
        ColumnChange(
            name,
            "reordered",
            Effect.POSITIONAL,
            str(before.index(name) + 1),
            str(after.index(name) + 1),
        )
        for name in kept_after
        if name not in stayed
    )


def _renamed(
    old: CatalogColumn, candidates: list[CatalogColumn], adapter: str, code: str
) -> ColumnChange | None:
    """Return the rename that `old` went through, if the evidence names exactly one column."""
    found: list[ColumnChange] = []
    for new in candidates:
        if old.name.lower() == new.name.lower():
            effect = Effect.PHYSICAL if adapter in _CASE_BLIND else Effect.UNKNOWN
            case = ("only the case differs",)
            return ColumnChange(old.name, "renamed", effect, old.name, new.name, case)
        evidence = _rename_evidence(old, new, adapter, code)
        if evidence:
            found.append(
                ColumnChange(old.name, "renamed", Effect.INCOMPATIBLE, old.name, new.name, evidence)
            )
    return found[0] if len(found) == 1 else None


def _rename_evidence(
    old: CatalogColumn, new: CatalogColumn, adapter: str, code: str
) -> tuple[str, ...]:
    """Say what speaks for a rename; empty when it isn't enough.

    Enough is an alias in the code, or the same type and position together with a similar name.
    """
    alias = rf"\b{re.escape(old.name)}\"?\s+as\s+\"?{re.escape(new.name)}\b"
    if code and re.search(alias, code, re.IGNORECASE):
        return (f"the code says `{old.name} as {new.name}`",)
    same_type = classify(old.type or "", new.type or "", adapter) is Change.NONE
    likeness = difflib.SequenceMatcher(None, old.name.lower(), new.name.lower()).ratio()
    if same_type and old.index == new.index and likeness >= 0.6:
        return (f"same position ({new.index})", f"same type ({new.type})", "similar name")
    return ()
