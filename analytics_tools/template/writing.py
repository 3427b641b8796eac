"""Files onto the disk, all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from analytics_tools.errors import UsageError

Files = Mapping[str, str | bytes]
_PREFIX = ".new-project-"
# Whoever makes the repository first has this in the folder, and nothing of a project.
_NO_CONTENT = {".git"}


def check_place(place: Path) -> None:
    """Raise where a project can't be written: something is there, or it is no folder."""
    if place.is_symlink() and not place.exists():
        raise UsageError(f"{place} is a link that leads nowhere: name another folder")
    if place.exists() and not place.is_dir():
        raise UsageError(f"{place} is a file: name a folder that does not exist or is empty")
    if place.is_dir() and {child.name for child in place.iterdir()} - _NO_CONTENT:
        raise UsageError(
            f"{place} is not empty, and nothing in it is overwritten: name a folder that does not "
            "exist, is empty, or has a .git alone"
        )


def write(files: Files, place: Path) -> None:
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


def replace(files: Files, place: Path, old: Iterable[str]) -> None:
    """Put the files in the place of the `old` ones: all of them, or all stays as it was."""
    try:
        _replace(files, place, list(old))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{place} can't be written: {why}; all is as it was") from None


def _replace(files: Files, place: Path, old: list[str]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    try:
        for path, content in files.items():
            _write_file(beside / "new" / path, content)
        moves = [(place / path, beside / "old" / path) for path in old]
        moves += [(beside / "new" / path, place / path) for path in files]
        try:
            _move_all(moves)
        finally:
            _prune(place, {*old, *files})
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file of a project in the place of what is there."""
    beside = path.with_name(f"{_PREFIX}{path.name}")
    _write_file(beside, content)
    beside.replace(path)


def _write_beside(files: Files, place: Path) -> None:
    there = place.is_dir()
    # A folder that is there keeps its identity (a shell may stand in it): its content moves in.
    beside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place if there else place.parent))
    try:
        for path, content in files.items():
            _write_file(beside / path, content)
        if there:
            _move_all([(child, place / child.name) for child in sorted(beside.iterdir())])
        else:
            beside.chmod(0o777 & ~_umask())
            beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_file(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    path.write_text(content, encoding="utf-8", newline="\n")
    if content.startswith("#!"):
        path.chmod(0o777 & ~_umask())


def _move_all(moves: Iterable[tuple[Path, Path]]) -> None:
    """Rename each, or take all back."""
    done: list[tuple[Path, Path]] = []
    try:
        for here, there in moves:
            if there.exists():
                raise FileExistsError(17, f"{there.name} is there already")
            there.parent.mkdir(parents=True, exist_ok=True)
            here.rename(there)
            done.append((here, there))
    except BaseException:
        for here, there in reversed(done):
            here.parent.mkdir(parents=True, exist_ok=True)
            there.rename(here)
        raise


def _prune(place: Path, paths: set[str]) -> None:
    """Remove the folders of these paths that have nothing left but what Python cached."""
    folders = {folder for path in paths for folder in (place / path).parents}
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        if place not in folder.parents or not folder.is_dir():
            continue
        if {child.name for child in folder.iterdir()} <= {"__pycache__"}:
            shutil.rmtree(folder)


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
