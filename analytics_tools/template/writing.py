"""Files onto the disk, all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from analytics_tools.errors import UsageError

_PREFIX = ".new-project-"


def check_place(place: Path) -> None:
    """Raise where a project can't be written: something is there, or it is no folder."""
    if place.is_symlink() and not place.exists():
        raise UsageError(f"{place} is a link that leads nowhere: name another folder")
    if place.exists() and not place.is_dir():
        raise UsageError(f"{place} is a file: name a folder that does not exist or is empty")
    if place.is_dir() and any(place.iterdir()):
        raise UsageError(
            f"{place} is not empty, and nothing in it is overwritten: name a folder that does not "
            "exist or is empty"
        )


def write(files: dict[str, str], place: Path) -> None:
    """Write the files to a folder beside, then rename it to `place`; or leave nothing behind."""
    check_place(place)
    place = place.absolute()
    try:
        made = _make_parents(place)
        try:
            _write_beside(files, place)
        except BaseException:
            _unmake(made)
            raise
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{place} can't be written: {why}; nothing was left there") from None


def _write_beside(files: dict[str, str], place: Path) -> None:
    there = place.is_dir()
    # A folder that is there keeps its identity (a shell may stand in it): its content moves in.
    beside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place if there else place.parent))
    try:
        for path, text in files.items():
            _write_file(beside / path, text)
        if there:
            _move_in(beside, place)
        else:
            beside.chmod(0o777 & ~_umask())
            beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    if text.startswith("#!"):
        path.chmod(0o777 & ~_umask())


def _move_in(beside: Path, place: Path) -> None:
    moved: list[str] = []
    try:
        for child in sorted(beside.iterdir()):
            child.rename(place / child.name)
            moved.append(child.name)
    except BaseException:
        for name in moved:
            (place / name).rename(beside / name)
        raise


def _make_parents(place: Path) -> list[Path]:
    """Make the folders above `place` and return those that were not there, the deepest first."""
    missing = [folder for folder in place.parents if not folder.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _unmake(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
