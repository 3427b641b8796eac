"""Text for a terminal: colour where there is one, columns that line up, nothing that misleads."""

from __future__ import annotations

from collections.abc import Sequence

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Style:
    """Paints text, if painting is on."""

    def __init__(self, colour: bool = False) -> None:
        self._colour = colour

    def __call__(self, text: str, *names: str) -> str:
        """Return `text` in the named styles: bold, dim, red, green, yellow, cyan."""
        if not self._colour or not names:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def clean(text: str) -> str:
    """Return `text` on one line and without control characters, which could forge output."""
    if text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return `rows` as lines with aligned columns; those numbered in `right` align right."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    line = "  ".join(
        f"{{:{'>' if place in right else '<'}{width}}}" for place, width in enumerate(widths)
    )
    return [line.format(*row).rstrip() for row in rows]
