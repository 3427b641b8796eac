"""How a breaking change can be made without breaking anybody: an alias kept, or a new version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from analytics_tools.artifacts import Model, Project
from analytics_tools.diff.model import ColumnChange, Migration

# How long readers get to move.
_DAYS = 90
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def migrations_for(
    model: Model, columns: Sequence[ColumnChange], project: Project
) -> tuple[Migration, ...]:
    """Propose how to make the breaking ones of `columns` safely.

    A rename is mended by an alias. Whatever else breaks, in a model that others were promised
    (public, with a contract, or already in versions), wants a new version; elsewhere the old
    column can stay until its readers have moved.
    """
    breaking = [one for one in columns if one.effect.is_breaking and one.change != "reordered"]
    if not breaking:
        return ()
    proposals = []
    renamed = [one for one in breaking if one.change == "renamed"]
    if renamed:
        lines = [f"    {_quoted(one.after)} as {_quoted(one.before)}," for one in renamed]
        code = "\n".join(["-- until the readers have moved", *lines])
        proposals.append(Migration("keep the old names as aliases", "sql", code))
    rest = [one for one in breaking if one.change != "renamed"]
    promised = model.is_public or model.has_contract or model.version is not None
    if promised:
        proposals.append(_new_version(model, breaking, project))
    elif rest:
        lines = [_kept(one) for one in rest]
        code = "\n".join(["-- until the readers have moved", *lines])
        proposals.append(Migration("keep what was there, beside what is new", "sql", code))
    return tuple(proposals)


def _kept(one: ColumnChange) -> str:
    name = _quoted(one.column)
    if one.change == "removed":
        return f"    {name}," + (f"  -- {one.before}" if one.before else "")
    return f"    cast({name} as {one.before}) as {name},  -- {one.after} under another name"


def _new_version(model: Model, columns: Sequence[ColumnChange], project: Project) -> Migration:
    """Return the YAML of a new version beside the old one, which gets an end."""
    number = _number(model.latest_version or model.version)
    end = _end(project)
    names = ", ".join(sorted({one.column for one in columns}))
    lines = [
        "models:",
        f"  - name: {model.name}",
        f"    latest_version: {number + 1}",
        "    versions:",
        f"      - v: {number}",
        f"        defined_in: {model.name if model.version is None else f'{model.name}_v{number}'}",
        f"        deprecation_date: {end}",
        f"      - v: {number + 1}  # changes {' '.join(names.split())}",
        f"        defined_in: {model.name}_v{number + 1}",
    ]
    title = "make a new version, and give the old one an end"
    return Migration(title, "yaml", "\n".join(lines))


def _number(version: str | int | float | None) -> int:
    try:
        return int(float(version)) if version is not None else 1
    except (TypeError, ValueError, OverflowError):
        return 1


def _end(project: Project) -> str:
    """Return a day a quarter after the manifest was written."""
    try:
        return (date.fromisoformat(project.generated_at[:10]) + timedelta(days=_DAYS)).isoformat()
    except (ValueError, OverflowError):
        return "YYYY-MM-DD"


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + " ".join(name.replace('"', '""').split()) + '"'
