"""Sources of two versions that mean another table, though dbt calls them the same."""

from __future__ import annotations

from typing import TypeAlias

from analytics_tools.artifacts import Project
from analytics_tools.lineage import Lineages

# Which schema of base became which of head, and which database.
Shifts: TypeAlias = tuple[dict[str | None, str | None], dict[str | None, str | None]]


def moved_sources(base: Lineages, head: Lineages) -> set[str]:
    """Return the sources on both sides that now mean another table, or another file."""
    shifts = _shifts_between(base.project, head.project)
    both = base.project.sources.keys() & head.project.sources.keys()
    return {uid for uid in both if _has_moved(uid, base, head, shifts)}


def _shifts_between(base: Project, head: Project) -> Shifts:
    """Return which schema and database of base became which of head, going by the models."""
    found: Shifts = ({}, {})
    for uid, node in head.models.items():
        other = base.models.get(uid)
        if other is not None:
            found[0].setdefault(other.schema, node.schema)
            found[1].setdefault(other.database, node.database)
    return found


def _has_moved(uid: str, base: Lineages, head: Lineages, shifts: Shifts) -> bool:
    """Whether a source on both sides now means another table, in the same environment."""
    before, after = base.project.sources[uid], head.project.sources[uid]
    one, two = base.code.node(uid), head.code.node(uid)
    if base.names.external.get(uid) != head.names.external.get(uid):
        return True
    if (before.identifier or before.name) != (after.identifier or after.name):
        return True
    for key, shift in zip(("schema", "database"), shifts, strict=True):
        was, is_ = getattr(before, key), getattr(after, key)
        if was == is_:
            continue
        written = getattr(one, f"unrendered_{key}"), getattr(two, f"unrendered_{key}")
        if written[0] and written[0] == written[1] and "{{" in str(written[0]):
            continue
        if shift.get(was) != is_:
            return True
    return False
