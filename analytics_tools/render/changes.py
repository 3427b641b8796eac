"""What changes, as text, JSON, Markdown and a selection for dbt."""

from __future__ import annotations

from analytics_tools.artifacts import Project
from analytics_tools.changes import Break, Changes, NodeChange
from analytics_tools.render.document import document, fields
from analytics_tools.render.style import Style, clean, table
from analytics_tools.words import counted, listed

_SHOWN = 60
_QUIET = ("cosmetic", "docs", "macro")
_WORDS = {
    "columns_removed": "columns removed",
    "columns_renamed": "columns renamed",
    "columns_added": "columns added",
    "config": "settings",
    "fields": "definition",
    "docs": "description",
    "unknown": "may differ",
    "same_data": "same data",
}


def changes_json(changes: Changes, project: Project, fail_on: str | None, met: bool) -> str:
    """Return changes as JSON; `project` is head."""
    gate = {"fail_on": fail_on, "met": met}
    return document("changes", project, {**fields(changes), "gate": gate})


def changes_selector(changes: Changes) -> str:
    """Return what to give ``dbt build --select``: names with spaces, and nothing for nothing."""
    return " ".join(changes.selection) + "\n" if changes.selection else ""


def changes_text(changes: Changes, style: Style) -> str:
    """Return the verdict, what breaks, what changes and why, and what to build."""
    lines = [style(_verdict(changes), "bold")]
    if changes.breaks:
        lines += ["", style("Breaks", "red", "bold")]
        for one in changes.breaks[:_SHOWN]:
            lines.append(
                f"  {_where(one)}: {clean(one.reason)}{'' if one.certain else ' (perhaps)'}"
            )
            if one.hits:
                lines.append(f"    stands on it: {listed(one.hits)}")
            if one.owners:
                lines.append(f"    tell {clean(listed(one.owners))}")
    loud = [node for node in changes.nodes if node.change not in _QUIET]
    if loud:
        lines += ["", style("Changes", "bold")]
        rows = [(f"  {_named(n)}", _kinds(n), _columns(n)) for n in loud[:_SHOWN]]
        lines += [
            line for pair in zip(table(rows), loud, strict=False) for line in _with_why(*pair)
        ]
        if len(loud) > _SHOWN:
            lines.append(f"  and {len(loud) - _SHOWN} more (--json lists all)")
    quiet = [node for node in changes.nodes if node.change in _QUIET]
    if quiet:
        lines += ["", f"Nothing to build for: {clean(listed([n.name for n in quiet], 12))}"]
    if changes.unread:
        lines += ["", "Not seen through, so the worst is assumed:"]
        lines += [f"  {clean(uid)}: {clean(why)}" for uid, why in list(changes.unread.items())[:12]]
    lines += ["", _to_build(changes)]
    return "\n".join(lines) + "\n"


def _verdict(changes: Changes) -> str:
    if any(one.certain for one in changes.breaks):
        return f"{counted(len({b.unique_id for b in changes.breaks}), 'node')} would break."
    if changes.breaks:
        return f"{counted(len({b.unique_id for b in changes.breaks}), 'node')} may break."
    nothing = f"Nothing breaks{', as far as can be seen' if changes.unread else ''}"
    if changes.rebuild:
        fails = sum(node.plain_run_fails for node in changes.nodes)
        anew = f"{nothing}; {counted(len(changes.rebuild), 'relation')} to build anew"
        return f"{anew}, {fails} of them not by a plain run." if fails else f"{anew}."
    return f"{nothing}, and nothing is to be built."


def _where(one: Break) -> str:
    column = f" ({clean(one.column)})" if one.column else ""
    return f"{one.kind.replace('_', ' ')} {clean(one.name)}{column}"


def _named(node: NodeChange) -> str:
    kind = "" if node.kind == "model" else node.kind.replace("_", " ") + " "
    return kind + clean(node.name)


def _kinds(node: NodeChange) -> str:
    return ", ".join(_WORDS.get(kind, kind) for kind in node.changes)


def _columns(node: NodeChange) -> str:
    shown = [
        f"{clean(c.before)} → {clean(c.name)}" if c.change in ("renamed", "recased")
        else f"{clean(c.name)} ({c.before} → {c.after})" if c.change == "type" and c.after
        else f"{_SIGNS.get(c.change, '')}{clean(c.name)}"
        for c in node.columns
        if c.change != "rows"
    ]  # fmt: skip
    return listed(shown, 8)


_SIGNS = {"added": "+", "removed": "-"}


def _with_why(line: str, node: NodeChange) -> list[str]:
    why = [line, *(f"      {clean(reason)}" for reason in node.because[:4])]
    if node.full_refresh:
        why.append(f"      {clean(node.full_refresh)}")
    return why


def _to_build(changes: Changes) -> str:
    if not changes.selection:
        return "Nothing to build or test."
    spared = counted(len(changes.unchanged), "relation")
    return (
        f"Build {counted(len(changes.rebuild), 'relation')}, run "
        f"{counted(len(changes.tests), 'test')}; {spared} stay as they are:\n"
        f"  dbt build --select {clean(' '.join(changes.selection[:12]))}"
        + (" ... (--format selector)" if len(changes.selection) > 12 else "")
    )


def changes_markdown(changes: Changes) -> str:
    """Return changes as Markdown that GitHub renders."""
    lines = [f"**{_verdict(changes)}**", ""]
    if changes.breaks:
        lines += ["| breaks | column | why | certain | tell |", "|---|---|---|---|---|"]
        for one in changes.breaks[:_SHOWN]:
            cells = (f"{one.kind} {one.name}", one.column, one.reason,
                     "yes" if one.certain else "perhaps", listed(one.owners))  # fmt: skip
            lines.append("| " + " | ".join(map(_cell, cells)) + " |")
        lines.append("")
    loud = [node for node in changes.nodes if node.change not in _QUIET]
    if loud:
        lines += ["| node | change | columns | because |", "|---|---|---|---|"]
        for node in loud[:_SHOWN]:
            row = (_named(node), _kinds(node), _columns(node), "; ".join(node.because[:3]))
            lines.append("| " + " | ".join(map(_cell, row)) + " |")
        if len(loud) > _SHOWN:
            lines.append(f"\nand {len(loud) - _SHOWN} more")
        lines.append("")
    quiet = [node.name for node in changes.nodes if node.change in _QUIET]
    if quiet:
        lines += [f"Looks only: {_cell(listed(quiet, 12))}", ""]
    lines.append(
        f"{counted(len(changes.rebuild), 'relation')} to build, "
        f"{counted(len(changes.unchanged), 'relation')} unchanged, "
        f"{counted(len(changes.tests), 'test')} to run."
    )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return text that does no harm in a cell: no markup, no mention, no new cell."""
    text = clean(text).replace("\\", "\\\\")
    for letter in "`*_[]<>|#~":
        text = text.replace(
            letter, {"<": "&lt;", ">": "&gt;", "|": "\\|"}.get(letter, "\\" + letter)
        )
    return text.replace("@", "@\u200b")
