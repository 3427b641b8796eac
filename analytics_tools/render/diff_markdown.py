"""A catalog diff as Markdown, for a comment or a job's summary."""

from __future__ import annotations

from analytics_tools.diff import CatalogDiff, ColumnChange, RelationChange, spoken_name
from analytics_tools.render.markdown import code, escape, fenced, row
from analytics_tools.words import counted

_MOST = 50
_MOST_READERS = 6


def diff_markdown(diff: CatalogDiff) -> str:
    """Return the changes, those that break first, each with the safe way to make it."""
    same = counted(diff.compared, "relation")
    if not diff.relations:
        return f"No difference between the catalogs: {same} on both sides.\n"
    verb = "differs" if len(diff.relations) == 1 else "differ"
    parts = [
        f"## {counted(len(diff.relations), 'relation')} {verb}, "
        f"{counted(diff.breaking, 'change')} may break a reader",
        f"{same} on both sides.",
    ]
    parts += [_relation(relation) for relation in diff.relations[:_MOST]]
    if len(diff.relations) > _MOST:
        parts.append(f"And {len(diff.relations) - _MOST} relations more.")
    return "\n\n".join(parts) + "\n"


def _relation(relation: RelationChange) -> str:
    effect = f", {relation.effect}" if relation.effect else ""
    parts = [f"### {code(relation.name)} {relation.change}{effect}"]
    if relation.note:
        why = f" ({escape(', '.join(relation.evidence))})" if relation.evidence else ""
        parts.append(escape(relation.note) + why)
    if relation.columns:
        head = [row("Column", "Change", "Class", "Used by"), row("---", "---", "---", "---")]
        parts.append("\n".join([*head, *map(_row, relation.columns)]))
    readers = [*relation.readers.direct, *relation.readers.downstream]
    if readers and (relation.is_breaking or relation.change != "added"):
        parts.append("Read by " + ", ".join(code(spoken_name(uid)) for uid in readers[:20]))
    for migration in relation.migrations:
        body = fenced(migration.code, migration.language)
        parts.append(
            f"<details><summary>Safely: {migration.title}</summary>\n\n{body}\n\n</details>"
        )
    return "\n\n".join(parts)


def _row(change: ColumnChange) -> str:
    told = change.change
    if change.change in ("retyped", "reordered"):
        told += f" {code(change.before)} → {code(change.after)}"
    elif change.change == "renamed":
        told += f" to {code(change.after)}"
    effect = f"**{change.effect}**" if change.effect.is_breaking else str(change.effect)
    sure, unsure = change.certain_readers, change.uncertain_readers
    names = [", ".join(_names(sure))] if sure else []
    names += ["perhaps " + ", ".join(_names(unsure))] if unsure else []
    return row(code(change.column), told, effect, "; ".join(names))


def _names(uids: tuple[str, ...]) -> list[str]:
    more = [f"{len(uids) - _MOST_READERS} more"] if len(uids) > _MOST_READERS else []
    return [code(spoken_name(uid)) for uid in uids[:_MOST_READERS]] + more
