"""What seeds hold: text compared with a literal is worked out cell by cell.

A seed whose file is at hand is known to the last cell. ``status <> 'returned'`` of such a column
is a row of truths, and as long as these stay, an edit of a cell changes nothing of the condition.

How a warehouse reads a cell is not known to the last: an empty one is null or an empty text, blanks
are kept or cut off. So all is worked out for each way to read it, and only what no reading tells
apart is called the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

from analytics_tools.sql.relation import h

Cell: TypeAlias = str | bool | None
Readings: TypeAlias = tuple[tuple[Cell, ...], ...]
_NULLS = frozenset(("", "null", "none", "na", "n/a", "nan", "nil", "-"))
# Content by id. An id is a hash of what it stands for, so no entry is ever wrong or out of date.
_CELLS: dict[str, Sequence[str]] = {}
_KNOWN: dict[str, Readings | None] = {}
_MOST = 50_000  # cells of a column


def keep(made: str, cells: Sequence[str]) -> None:
    """Remember a column of text."""
    if len(cells) <= _MOST:
        _CELLS[made] = cells


def _readings(one: str) -> Readings | None:
    """Return a column in every way to read it; None where that could be yet another."""
    if one not in _KNOWN:
        cells = _CELLS.get(one)
        if cells is None:
            return None
        plain = all(_plain(cell) for cell in cells)
        _KNOWN[one] = tuple(_read(cells)) if plain else None
    return _KNOWN[one]


def _read(cells: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    stripped = [cell.strip() for cell in cells]
    yield tuple(cells)
    yield tuple(cell or None for cell in cells)
    yield tuple(stripped)
    yield tuple(cell or None for cell in stripped)
    yield tuple(None if cell.lower() in _NULLS else cell for cell in stripped)


def among(one: str, texts: Sequence[str], wanted: bool) -> str | None:
    """Return the id of ``one in (texts)``, or of its opposite; None where that is beyond us."""
    readings = _readings(one)
    if readings is None or not all(_is_word(text) for text in texts):
        return None
    found = [[None if c is None else (c in texts) is wanted for c in cells] for cells in readings]
    return _id("truths", found)


def or_else(one: str, text: str) -> str | None:
    """Return the id of ``coalesce(one, text)``; None where that is beyond us."""
    readings = _readings(one)
    if readings is None or not _is_word(text):
        return None
    found = tuple(tuple(text if c is None else c for c in cells) for cells in readings)
    made = _id("texts", found)
    _KNOWN[made] = found
    return made


def _id(kind: str, readings: Sequence[Sequence[Cell]]) -> str:
    return h("worked out", kind, sha256(repr([list(one) for one in readings]).encode()).hexdigest())


def _plain(text: str) -> bool:
    return text.isascii() and (not text or text.isprintable()) and "\\" not in text


def _is_word(text: str) -> bool:
    return _plain(text) and text == text.strip() and text.lower() not in _NULLS
