"""A catalog diff as text."""

from __future__ import annotations

from analytics_tools.diff import (
    CatalogDiff,
    ColumnChange,
    Effect,
    Promise,
    RelationChange,
    spoken_name,
)
from analytics_tools.render.style import Style, clean, table
from analytics_tools.words import counted, listed

_COLOURS = {
    Effect.ADDITIVE: "green",
    Effect.WIDENING: "green",
    Effect.PHYSICAL: "cyan",
    Effect.POSITIONAL: "cyan",
    Effect.NARROWING: "yellow",
    Effect.LOSSY: "yellow",
    Effect.UNKNOWN: "yellow",
    Effect.INCOMPATIBLE: "red",
}


def diff_text(diff: CatalogDiff, style: Style, fail_on: str | None, met: bool) -> str:
    """Return the changes, those that break first, each with its class and its readers."""
    same = counted(diff.compared, "relation")
    if not diff.relations:
        return f"No difference between the catalogs: {same} on both sides.\n"
    verb = "differs" if len(diff.relations) == 1 else "differ"
    lines = [
        f"{counted(len(diff.relations), 'relation')} {verb}, "
        f"{counted(diff.breaking, 'change')} may break a reader ({same} on both sides)"
    ]
    for relation in diff.relations:
        lines += ["", *_relation(relation, style)]
    if fail_on:
        word = style("met", "green") if met else style("not met", "red")
        lines += ["", f"Gate: no {'breaking' if fail_on == 'breaking' else ''} change, {word}."]
    return "\n".join(lines).replace("no  change", "no change") + "\n"


def _relation(relation: RelationChange, style: Style) -> list[str]:
    kind = clean(relation.type_after or relation.type_before).lower()
    word = "" if relation.change == "changed" else f" {relation.change}"
    head = f"{style(clean(relation.name), 'bold')}{word}  {style(clean(relation.relation), 'dim')}"
    if word:
        head += f"  {kind}"
    effect = f"  {_effect(relation.effect, style)}" if relation.effect else ""
    lines = [head + effect]
    if relation.note:
        lines.append(f"  {clean(relation.note)}")
    if relation.evidence:
        lines.append(f"  {style('(' + clean(', '.join(relation.evidence)) + ')', 'dim')}")
    if relation.promise != Promise():
        lines.append(f"  {_promise(relation.promise)}")
    rows = [_row(column) for column in relation.columns]
    for column, line in zip(relation.columns, table(rows), strict=True):
        why = f"  {style('(' + clean(', '.join(column.evidence)) + ')', 'dim')}" * bool(
            column.evidence
        )
        lines.append(f"  {line}  {_effect(column.effect, style)}{why}")
        for words, uids in (
            ("used by", column.certain_readers),
            ("perhaps used by", column.uncertain_readers),
        ):
            if uids:
                names = [f"{kind_of(uid)} {clean(spoken_name(uid))}" for uid in uids]
                lines.append(f"    {words} {listed(names, 6)}")
    readers = relation.readers
    if readers.direct and (relation.is_breaking or relation.change != "added"):
        lines.append(f"  read by {listed([clean(spoken_name(u)) for u in readers.direct], 8)}")
    if readers.downstream:
        names = [f"{kind_of(u)} {clean(spoken_name(u))}" for u in readers.downstream]
        lines.append(f"  and further on by {listed(names, 8)}")
    for migration in relation.migrations:
        lines.append(f"  {style('safely: ' + migration.title, 'bold')}")
        lines += ["    " + _indented(line) for line in migration.code.split("\n")]
    return lines


def _indented(line: str) -> str:
    """Return a line of code cleaned, with its indent."""
    rest = line.lstrip(" ")
    return " " * (len(line) - len(rest)) + clean(rest)


def kind_of(uid: str) -> str:
    """Return the word for a unique id's kind: model, test, semantic model."""
    return uid.partition(".")[0].replace("_", " ")


def _promise(promise: Promise) -> str:
    """Say to whom the relation is promised."""
    words = [
        f"version {clean(promise.version)}" if promise.version else "",
        f"access {clean(promise.access)}" if promise.access else "",
        "contract enforced" if promise.has_contract else "",
    ]
    return ", ".join(word for word in words if word)


def _row(change: ColumnChange) -> tuple[str, str, str]:
    if change.change in ("added", "removed"):
        return clean(change.column), change.change, clean(change.after or change.before)
    if change.change == "renamed":
        return clean(change.before), "renamed", f"→ {clean(change.after)}"
    return clean(change.column), change.change, f"{clean(change.before)} → {clean(change.after)}"


def _effect(effect: Effect, style: Style) -> str:
    return style(str(effect), _COLOURS[effect])
