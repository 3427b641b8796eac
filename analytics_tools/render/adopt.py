"""How `init` says what it set up."""

from __future__ import annotations

import json

from analytics_tools.adopt import Adopted
from analytics_tools.render.scaffold import files_json, files_lines, shown_change
from analytics_tools.words import counted


def adopted_text(adopted: Adopted, *, written: bool) -> str:
    """Return what was set up, for people; where nothing was written, with the files' whole text."""
    models = counted(adopted.models, "model")
    score = "" if adopted.score is None else f", which score {adopted.score} of 100 today"
    lines = [f"The project {adopted.name} has {models}{score}."]
    lines += files_lines(adopted.changes)
    lines += [f"  kept     {one.path} ({one.why})" for one in adopted.kept]
    if adopted.guess is not None:
        guess = adopted.guess
        lines.append(
            f"  layers   {guess.placed} of {guess.models} models have one: {_said(adopted)}"
        )
    lines += [f"  note     {note}" for note in adopted.notes]
    if written:
        lines.append(f"  next     {adopted.next}")
    else:
        lines += [shown_change(one) for one in adopted.changes]
    return "\n".join(lines) + "\n"


def _said(adopted: Adopted) -> str:
    guess = adopted.guess
    if guess is None:
        return ""
    parts = [f"preset {guess.preset}"]
    for layer, words in guess.layers.items():
        parts.append(f"{layer} {', '.join([*words.folders, *words.prefixes])}")
    return "; ".join(parts)


def adopted_json(adopted: Adopted, *, written: bool) -> str:
    """Return the document of `init --json`."""
    guess = adopted.guess
    document = {
        "schema_version": 1,
        "command": "init",
        "name": adopted.name,
        "root": str(adopted.root),
        "written": written,
        "models": adopted.models,
        "score": adopted.score,
        "preset": guess.preset if guess else None,
        "placed": guess.placed if guess else None,
        "files": files_json(adopted.changes),
        "kept": [{"path": one.path, "why": one.why} for one in adopted.kept],
        "notes": list(adopted.notes),
        "next": adopted.next,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
