"""A checkout of the template that becomes the project: the door behind "Use this template"."""

from __future__ import annotations

import subprocess
from pathlib import Path

from analytics_tools.errors import UsageError
from analytics_tools.template.source import checkout


def tracked_files(place: Path) -> list[str]:
    """Return what git has of the template at `place`; raise where a change could be lost."""
    root = checkout()
    if root is None or place.resolve() != root.resolve():
        raise UsageError(
            f"{place} is not the checkout of the template that this command comes from: make init "
            "calls it there; for a project in another folder leave out --in-place"
        )
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top.strip()).resolve() != root.resolve():
        raise UsageError(
            f"{place} is no git repository, so nothing could be taken back: commit it to one "
            "first, or make the project in another folder with analytics-tools new"
        )
    changed = (_git(root, "status", "--porcelain") or "").splitlines()
    if changed:
        raise UsageError(
            f"{place} has changes that are not committed, {changed[0][3:]} among them, and would "
            "lose them: commit or stash them first"
        )
    return [path for path in (_git(root, "ls-files", "-z") or "").split("\0") if path]


def _git(root: Path, *words: str) -> str | None:
    """What git says; None where it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
