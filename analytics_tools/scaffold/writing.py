"""Changes onto the disk: all of them or none, and nothing of anybody's is overwritten."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.answer import Change


def check_free(root: Path, path: str) -> None:
    """Raise UsageError where a new file can't be: it is there, or it is outside of the project."""
    place = root / path
    if ".." in PurePosixPath(path).parts or not place.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path}: is outside of the project {root}")
    if os.path.lexists(place):
        raise UsageError(f"{path}: is there already, and nothing is overwritten")


def write_all(root: Path, changes: Iterable[Change]) -> None:
    """Write each change below `root`; where one fails, what was written is taken back."""
    done: list[Change] = []
    made: list[Path] = []
    try:
        for change in changes:
            if change.is_new:
                check_free(root, change.path)
            made += [f for f in (root / change.path).parents if not f.exists()]
            (root / change.path).parent.mkdir(parents=True, exist_ok=True)
            _write(root / change.path, change)
            done.append(change)
    except BaseException as error:
        _take_back(root, done, made)
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            where = error.filename or root
            raise UsageError(f"{where}: can't be written ({why}); nothing was changed") from None
        raise


def _write(place: Path, change: Change) -> None:
    """Write beside, then move there: a new file only where there is none, also by now."""
    if change.before is not None and place.read_bytes() != change.before.encode():
        raise UsageError(f"{change.path}: changed just now; nothing was written, try again")
    handle, name = tempfile.mkstemp(prefix=".adding-", dir=place.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.text.encode() if change.data is None else change.data)
        new = 0o777 if change.text.startswith("#!") else 0o666
        beside.chmod(new & ~_umask() if change.is_new else place.stat().st_mode & 0o777)
        if change.is_new:
            _move_to_free(beside, place)
        else:
            beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _move_to_free(beside: Path, place: Path) -> None:
    try:
        os.link(beside, place)
    except FileExistsError:
        raise UsageError(f"{place}: is there already, and nothing is overwritten") from None
    except OSError:  # a file system without hard links
        check_free(place.parent, place.name)
        beside.replace(place)


def _take_back(root: Path, done: list[Change], made: list[Path]) -> None:
    for change in done:
        with contextlib.suppress(OSError):
            if change.before is None:
                (root / change.path).unlink()
            else:
                (root / change.path).write_bytes(change.before.encode())
    for folder in made:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
