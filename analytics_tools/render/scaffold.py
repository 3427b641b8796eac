"""How `add` and `init` say what they wrote, or would."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.proposals import Proposal


def added_text(added: Added, *, written: bool) -> str:
    """Return what was added, for people; where nothing was written, with the files' whole text."""
    lines = [f"{'Added' if written else 'Would add'} the {added.kind} {added.name}:"]
    lines += files_lines(added.changes)
    if added.proposals:
        lines += ["", "What was seen, and the test made of it:", *_proposals(added.proposals)]
    lines += [f"  note     {note}" for note in added.notes]
    lines += [f"  next     {added.next}"] if added.next and written else []
    if not written:
        lines += [shown_change(change) for change in added.changes]
    return "\n".join(lines) + "\n"


def files_lines(changes: tuple[Change, ...]) -> list[str]:
    """Return a line for each file: whether it is new, and its path."""
    return [f"  {'new' if one.is_new else 'adds to':<8} {one.path}" for one in changes]


def shown_change(change: Change) -> str:
    """Return a new file whole, and of one that is added to the lines that come in."""
    if change.data is not None:
        return f"\n--- {change.path}\n({len(change.data):,} bytes)"
    if change.before is None:
        return f"\n--- {change.path}\n{change.text.rstrip()}"
    import difflib

    before, after = change.before.splitlines(), change.text.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    return "\n".join([f"\n+++ {change.path}", *lines])


def _proposals(proposals: tuple[Proposal, ...]) -> list[str]:
    wide = max(len(one.column) for one in proposals)
    lines = []
    for one in proposals:
        test = one.test or "-"
        sure = f" ({one.sureness})" if one.sureness and one.test else ""
        lines.append(f"  {one.column:<{wide}}  {test:<17} {one.seen}{sure}".rstrip())
    return lines


def added_json(added: Added, *, written: bool) -> str:
    """Return the document of `add --json`."""
    return _document(
        command="add",
        kind=added.kind,
        name=added.name,
        written=written,
        files=files_json(added.changes),
        proposals=[asdict(one) for one in added.proposals],
        notes=list(added.notes),
        next=added.next,
    )


def files_json(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    """Return each file's path, whether it is new, and its text as it will be."""
    return [{"path": one.path, "is_new": one.is_new, "text": one.text} for one in changes]


def _document(**parts: Any) -> str:
    return json.dumps({"schema_version": 1, **parts}, indent=2, ensure_ascii=False) + "\n"
