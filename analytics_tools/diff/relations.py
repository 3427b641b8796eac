"""What became of each relation, between an older catalog and a newer one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import cached_property

from analytics_tools.artifacts import Catalog, CatalogTable, Model, Project
from analytics_tools.diff.columns import compare_columns
from analytics_tools.diff.migration import migrations_for
from analytics_tools.diff.model import (
    CatalogDiff,
    ColumnChange,
    Effect,
    Promise,
    Readers,
    RelationChange,
    spoken_name,
)
from analytics_tools.diff.readers import relation_readers, with_readers

# Of a relation's columns so many must be the same for it to be taken for a renamed one.
_SAME_COLUMNS = 0.9
_LEAST_COLUMNS = 3


class Side:
    """One side of a comparison: a catalog, and the project it belongs to where that is known.

    `project` may be given as a function, which is called when the project is first needed: reading
    the manifest of the older side is half of the work, and mostly nobody asks for it.
    """

    def __init__(
        self, catalog: Catalog, project: Project | Callable[[], Project | None] | None = None
    ) -> None:
        self.catalog = catalog
        self._project = project

    @cached_property
    def project(self) -> Project | None:
        """The project, or None when there is no manifest."""
        return self._project() if callable(self._project) else self._project


def diff_catalogs(source: Side, target: Side) -> CatalogDiff:
    """Compare two catalogs, `source` being the older."""
    newer = target.project or source.project
    adapter = newer.adapter if newer else ""
    before, after = source.catalog.tables, target.catalog.tables
    renamed = _renamed_relations(before, after, source, target)
    moved_to = {now for now, _ in renamed.values()}
    changes: list[RelationChange | None] = []
    for uid in sorted(before.keys() | after.keys()):
        old, new = before.get(uid), after.get(uid)
        if old and new:
            changes.append(_changed(uid, uid, old, new, source, target, adapter))
        elif old and uid not in renamed:
            changes.append(_gone(uid, old, source, target))
        elif old:
            now, evidence = renamed[uid]
            changes.append(_moved(uid, now, old, after[now], source, target, adapter, evidence))
        elif uid not in moved_to:
            changes.append(_relation(uid, "added", Effect.ADDITIVE, None, new))
    told = with_readers([one for one in changes if one], target.project, before, after)
    told.sort(key=lambda one: (not one.is_breaking, one.name, one.unique_id))
    return CatalogDiff(adapter, len(before.keys() & after.keys()), tuple(told))


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
    before: str, uid: str, old: CatalogTable, new: CatalogTable, source: Side, target: Side,
    adapter: str,
) -> RelationChange | None:  # fmt: skip
    """Compare a relation that both sides have; None when nothing differs."""
    if old == new:
        return None
    model = target.project.models.get(uid) if target.project else None
    code = (model.compiled or model.code) if model else ""
    columns = compare_columns(old, new, adapter, code)
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
    return _relation(
        uid, "changed", effect, old, new, "; ".join(notes), columns,
        _readers(before, source, target), model, target.project,
    )  # fmt: skip


def _moved(
    before: str, uid: str, old: CatalogTable, new: CatalogTable, source: Side, target: Side,
    adapter: str, evidence: tuple[str, ...],
) -> RelationChange:  # fmt: skip
    """A relation that another one took the place of: readers by its former name break."""
    changed = _changed(before, uid, old, new, source, target, adapter)
    columns = changed.columns if changed else ()
    note = f"was {spoken_name(before)}; whoever reads it by that name must follow"
    told = _relation(
        uid, "renamed", Effect.INCOMPATIBLE, old, new, note, columns,
        _readers(before, source, target),
    )  # fmt: skip
    return _replaced(told, renamed_from=before, evidence=evidence)


def _replaced(change: RelationChange, **fields: object) -> RelationChange:
    import msgspec

    return msgspec.structs.replace(change, **fields)


def _renamed_relations(
    before: Mapping[str, CatalogTable],
    after: Mapping[str, CatalogTable],
    source: Side,
    target: Side,
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the relations that were renamed, by former id, with the present one and the evidence.

    Taken for renamed is a relation that is gone from catalog and project, when exactly one new
    relation of its kind has nearly all of its columns, and its name or its parents as well.
    """
    gone = [
        uid
        for uid in sorted(before.keys() - after.keys())
        if not (target.project and uid in target.project.nodes_by_id)
    ]
    come = sorted(after.keys() - before.keys())
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for uid in gone if come else ():
        matches = [(now, why) for now in come if (why := _rename_evidence(
            uid, now, before[uid], after[now], source, target))]  # fmt: skip
        if len(matches) == 1:
            found[uid] = matches[0]
    taken = [now for now, _ in found.values()]
    return {uid: match for uid, match in found.items() if taken.count(match[0]) == 1}


def _rename_evidence(
    uid: str, now: str, old: CatalogTable, new: CatalogTable, source: Side, target: Side
) -> tuple[str, ...]:
    """Say what speaks for a relation's rename; empty when it isn't enough."""
    if uid.partition(".")[0] != now.partition(".")[0]:
        return ()
    names = {name.lower() for name in old.columns}, {name.lower() for name in new.columns}
    common, most = len(names[0] & names[1]), max(len(names[0]), len(names[1]))
    if most < _LEAST_COLUMNS or common < most * _SAME_COLUMNS:
        return ()
    evidence = [f"{common} of {most} columns are the same"]
    likeness = difflib.SequenceMatcher(None, spoken_name(uid), spoken_name(now)).ratio()
    if likeness >= 0.6:
        evidence.append("similar name")
    if source.project and target.project:
        parents = source.project.parents.get(uid, ()), target.project.parents.get(now, ())
        if parents[0] and parents[0] == parents[1]:
            evidence.append("same parents")
    return tuple(evidence) if len(evidence) > 1 else ()


def _relation(
    uid: str,
    change: str,
    effect: Effect | None,
    old: CatalogTable | None,
    new: CatalogTable | None,
    note: str = "",
    columns: tuple[ColumnChange, ...] = (),
    readers: Readers | None = None,
    model: Model | None = None,
    project: Project | None = None,
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
        promise=_promise(model),
        migrations=migrations_for(model, columns, project) if model and project else (),
    )


def _promise(model: Model | None) -> Promise:
    if model is None:
        return Promise()
    return Promise(
        has_contract=model.has_contract,
        access=model.access or model.config.access or "",
        version="" if model.version is None else str(model.version),
    )


def _readers(uid: str, source: Side, target: Side) -> Readers:
    """Return who reads the relation now, or else who read it before it went."""
    if target.project and uid in target.project.nodes_by_id:
        return relation_readers(target.project, uid)
    return relation_readers(source.project, uid)


def _kind(table: CatalogTable) -> str:
    """Return ``view``, ``table`` or the engine's own word; engines differ in how they say table."""
    word = (table.metadata.type or "").lower()
    return "table" if word in ("base table", "table", "managed", "external") else word or "unknown"


def _name(table: CatalogTable) -> str:
    return table.metadata.name or ""
