"""What changed between two catalogs: relations and columns, each change classed by its effect.

A column that is gone breaks whoever reads it; one that widened does not. What can't be told is
called unknown, and unknown counts as breaking.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from analytics_tools.artifacts import Catalog, CatalogColumn, CatalogTable, Model, Project
from analytics_tools.artifacts.nodes import Record
from analytics_tools.impact import readers_of
from analytics_tools.sql.types import Change, classify

# Adapters on which names that differ by case only are one name.
_CASE_BLIND = {"duckdb", "bigquery", "databricks", "spark", "trino", "athena", "sqlserver"}


class Effect(enum.StrEnum):
    """What a change does to those who read the relation by name."""

    ADDITIVE = "additive"
    PHYSICAL = "physical"  # same columns, stored in another way
    POSITIONAL = "positional"  # harmless by name, not for `select *` into a fixed order
    WIDENING = "widening"
    NARROWING = "narrowing"
    LOSSY = "lossy"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"

    @property
    def is_breaking(self) -> bool:
        """Whether somebody's query or data may suffer."""
        return self in (Effect.NARROWING, Effect.LOSSY, Effect.INCOMPATIBLE, Effect.UNKNOWN)


class ColumnChange(Record, frozen=True):
    """One change of one column.

    `change` is added, removed, renamed, retyped or reordered. `before` and `after` are names for a
    rename, types for a retype, positions for a reorder. `evidence` says why it is taken for that.
    """

    column: str
    change: str
    effect: Effect
    before: str
    after: str
    evidence: tuple[str, ...] = ()


class Readers(Record, frozen=True):
    """Who reads a relation, as unique ids: directly, and which exposures and metrics through it."""

    direct: tuple[str, ...] = ()
    downstream: tuple[str, ...] = ()


class RelationChange(Record, frozen=True):
    """What became of one relation.

    `change` is added, removed, missing (still in the project, not in the catalog) or changed.
    `type_before` and `type_after` are the catalog's words for table or view.
    """

    unique_id: str
    name: str
    relation: str
    change: str
    effect: Effect | None
    type_before: str
    type_after: str
    note: str
    columns: tuple[ColumnChange, ...]
    readers: Readers

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects of the relation's own change and of all its columns'."""
        own = (self.effect,) if self.effect else ()
        return (*own, *(column.effect for column in self.columns))

    @property
    def is_breaking(self) -> bool:
        """Whether anything in it may break a reader."""
        return any(effect.is_breaking for effect in self.effects)


class CatalogDiff(Record, frozen=True):
    """All that changed; `compared` counts the relations present on both sides."""

    adapter: str
    compared: int
    relations: tuple[RelationChange, ...]

    @property
    def breaking(self) -> int:
        """How many single changes may break a reader."""
        return sum(effect.is_breaking for one in self.relations for effect in one.effects)


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a catalog, and the project it belongs to where that is known."""

    catalog: Catalog
    project: Project | None = None


def diff_catalogs(source: Side, target: Side) -> CatalogDiff:
    """Compare two catalogs, `source` being the older."""
    adapter = next((s.project.adapter for s in (target, source) if s.project), "")
    before, after = source.catalog.tables, target.catalog.tables
    changes: list[RelationChange] = []
    for uid in sorted(before.keys() | after.keys()):
        old, new = before.get(uid), after.get(uid)
        if old and new:
            change = _changed(uid, old, new, source, target, adapter)
        elif old:
            change = _gone(uid, old, source, target)
        else:
            change = _relation(uid, "added", Effect.ADDITIVE, None, new)
        if change:
            changes.append(change)
    changes.sort(key=lambda one: (not one.is_breaking, one.name, one.unique_id))
    return CatalogDiff(adapter, len(before.keys() & after.keys()), tuple(changes))


def _gone(uid: str, old: CatalogTable, source: Side, target: Side) -> RelationChange:
    """A relation the newer catalog lacks: removed from the project, or just not built."""
    readers = _readers(uid, source, target)
    if target.project and uid in target.project.nodes_by_id:
        node = target.project.nodes_by_id[uid]
        result = target.project.results.get(uid)
        why = f"its last run: {result.status}" if result else "it was not built"
        if isinstance(node, Model) and node.materialized == "ephemeral":
            why = "it is ephemeral now"
        note = f"still in the project, but not in the catalog ({why})"
        return _relation(uid, "missing", Effect.UNKNOWN, old, None, note, readers=readers)
    return _relation(uid, "removed", Effect.INCOMPATIBLE, old, None, readers=readers)


def _changed(
    uid: str, old: CatalogTable, new: CatalogTable, source: Side, target: Side, adapter: str
) -> RelationChange | None:
    """Compare a relation that both sides have; None when nothing differs."""
    columns = compare_columns(old, new, adapter, _code(uid, target))
    notes: list[str] = []
    effect: Effect | None = None
    if _kind(old) != _kind(new):
        effect = Effect.PHYSICAL
        notes.append(f"{_kind(old)} became {_kind(new)}")
    if _name(old).lower() != _name(new).lower():
        effect = Effect.UNKNOWN
        notes.append(f"{_name(old)} is called {_name(new)} now; refs follow, other readers don't")
    if not columns and effect is None:
        return None
    readers = _readers(uid, source, target)
    return _relation(uid, "changed", effect, old, new, "; ".join(notes), columns, readers)


def _relation(
    uid: str,
    change: str,
    effect: Effect | None,
    old: CatalogTable | None,
    new: CatalogTable | None,
    note: str = "",
    columns: tuple[ColumnChange, ...] = (),
    readers: Readers | None = None,
) -> RelationChange:
    shown = (new or old or CatalogTable()).metadata
    return RelationChange(
        unique_id=uid,
        name=spoken_name(uid),
        relation=".".join(part for part in (shown.database, shown.schema, shown.name) if part),
        change=change,
        effect=effect,
        type_before=(old.metadata.type or "") if old else "",
        type_after=(new.metadata.type or "") if new else "",
        note=note,
        columns=columns,
        readers=readers or Readers(),
    )


def compare_columns(
    old: CatalogTable, new: CatalogTable, adapter: str, code: str = ""
) -> tuple[ColumnChange, ...]:
    """Compare the columns of one relation, in the order of the newer one, removals first.

    Args:
        old, new: the relation before and after.
        adapter: dbt's adapter, whose types and case rules hold; empty when unknown.
        code: the newer SQL, where a rename may be spelled out.
    """
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


def _readers(uid: str, source: Side, target: Side) -> Readers:
    """Return who reads the relation on either side."""
    direct: set[str] = set()
    downstream: set[str] = set()
    for side in (source, target):
        if side.project and uid in side.project.nodes_by_id:
            found: Mapping[str, tuple[str, ...]] = readers_of(side.project, uid)
            direct.update(found["direct"])
            downstream.update(found["downstream"])
    return Readers(direct=tuple(sorted(direct)), downstream=tuple(sorted(downstream)))


def _code(uid: str, side: Side) -> str:
    node = side.project.models.get(uid) if side.project else None
    return (node.compiled or node.code) if node else ""


def _kind(table: CatalogTable) -> str:
    """Return ``view``, ``table`` or the engine's own word; engines differ in how they say table."""
    word = (table.metadata.type or "").lower()
    return "table" if word in ("base table", "table", "managed", "external") else word or "unknown"


def _name(table: CatalogTable) -> str:
    return table.metadata.name or ""


def spoken_name(uid: str) -> str:
    """Return the name in a unique id: ``orders``, ``orders.v2``, ``shop.raw_orders``."""
    return ".".join(uid.split(".")[2:]) or uid
