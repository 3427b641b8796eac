"""Files written as a tree: only what changed, and nothing of anybody else's removed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from analytics_tools.errors import UsageError

# Lists the files we wrote, so that we know which to remove when they are no longer wanted.
LISTING = ".analytics-tools-pages"


class Written(NamedTuple):
    """How many files were written, left as they were, and removed."""

    written: int
    unchanged: int
    removed: int


def write_tree(folder: Path, files: Iterable[tuple[str, str]]) -> Written:
    """Write `files`, pairs of a relative path and a text, into `folder`.

    Files that hold the text already are not touched. Those that an earlier call wrote and this one
    doesn't are removed. Raises UsageError when the folder can't be written.
    """
    listing = folder / LISTING
    try:
        before = (
            set(listing.read_text(encoding="utf-8").splitlines()) if listing.exists() else set()
        )
        now: set[str] = set()
        written = 0
        for name, text in files:
            now.add(name)
            written += _write(folder / name, text)
        gone = [name for name in sorted(before - now) if _is_below(folder, name)]
        for name in gone:
            (folder / name).unlink(missing_ok=True)
        _write(listing, "".join(f"{name}\n" for name in sorted(now)))
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: can't be written ({error.strerror})"
        ) from None
    return Written(written, len(now) - written, len(gone))


def _write(path: Path, text: str) -> bool:
    """Write a file unless it holds the text already; return whether it was written."""
    data = text.encode("utf-8", "replace")
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True


def _is_below(folder: Path, name: str) -> bool:
    """Whether a listed name means a page below the folder, in case a hand was in the listing."""
    path = (folder / name).resolve()
    return name.endswith(".md") and folder.resolve() in path.parents
