"""The building blocks of a shown review: said once, printed as text or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

# No name or message is shown longer than this: a comment is for people.
_NAME = 100
_WORDS = 300


class Name(str):
    """A name out of a project: shown as code."""

    __slots__ = ()


class Bold(str):
    """Words of our own to be seen first."""

    __slots__ = ()


# Names, bold words and plain text one after another.
Line: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Bullets:
    """Lines, each a point of its own."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Para:
    """One line."""

    line: Line


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head; `right` are the columns of numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """Code to be read or pasted."""

    text: str
    language: str


@dataclass(frozen=True)
class Fold:
    """What is shown when somebody wants it. `in_text` is whether a terminal shows it too."""

    summary: Line
    blocks: tuple[Block, ...]
    in_text: bool = True


@dataclass(frozen=True)
class Drawing:
    """A picture in Mermaid's words; a terminal has none."""

    text: str


Block: TypeAlias = Bullets | Para | Table | Source | Fold | Drawing


@dataclass(frozen=True)
class Piece:
    """Something that can be left out as a whole, the greatest `weight` first.

    `label` is what it is called when it is left out.
    """

    section: str
    label: str
    weight: int
    blocks: tuple[Block, ...] = field(default=())


def cut(text: str, limit: int = _WORDS) -> str:
    """Return `text` on one line and no longer than `limit`."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def name(text: str, limit: int = _NAME) -> Name:
    """Return a name, cut where it is too long to be read."""
    return Name(cut(text, limit))


def names(texts: Iterable[str], limit: int = 6) -> Line:
    """Return names with commas, and how many more there are beyond `limit`."""
    every = list(texts)
    line: list[str] = []
    for place, text in enumerate(every[:limit]):
        line += [", ", name(text)] if place else [name(text)]
    if len(every) > limit:
        line.append(f" and {len(every) - limit:,} more")
    return tuple(line)


def joined(lines: Sequence[Line], between: str = ", ", limit: int = 6) -> Line:
    """Return lines in one, with `between`, and how many more there are beyond `limit`."""
    line: list[str] = []
    for place, one in enumerate(lines[:limit]):
        line += [between, *one] if place else [*one]
    if len(lines) > limit:
        line.append(f" and {len(lines) - limit:,} more")
    return tuple(line)


def table(
    head: tuple[str, ...], rows: Sequence[tuple[Line, ...]], limit: int, right: tuple[int, ...] = ()
) -> tuple[Block, ...]:
    """Return a table of at most `limit` rows, and a line that says how many more there are."""
    shown = Table(head, tuple(rows[:limit]), right)
    if len(rows) <= limit:
        return (shown,)
    more: Line = (f"And {len(rows) - limit:,} more; --format json has all of them.",)
    return shown, Para(more)


def percent(share: float) -> str:
    """Return a share in percent: never 0 % for something, nor 100 % for less than all."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f}".removesuffix(".0") + " %"
