"""A review as text for a terminal."""

from __future__ import annotations

from analytics_tools.render.review_head import TITLES
from analytics_tools.render.review_parts import (
    Block,
    Bullets,
    Fold,
    Line,
    Para,
    Source,
    Table,
)
from analytics_tools.render.review_sections import pieces_of
from analytics_tools.render.style import Style, clean, table
from analytics_tools.review.answer import Review, Verdict

_COLOURS = {Verdict.BREAKS: "red", Verdict.LOOK: "yellow", Verdict.SAFE: "green"}


def review_text(review: Review, style: Style) -> str:
    """Return everything the comment says but pictures and compiled SQL."""
    lines = [style(TITLES[review.verdict][1] + ".", _COLOURS[review.verdict], "bold")]
    section = ""
    for piece in pieces_of(review):
        if piece.section and piece.section != section:
            section = piece.section
            lines += ["", style(section, "bold")]
        for block in piece.blocks:
            lines += _block(block, style, "  " if piece.section else "")
    return "\n".join(lines) + "\n"


def _block(block: Block, style: Style, indent: str) -> list[str]:
    if isinstance(block, Para):
        return [indent + _line(block.line)]
    if isinstance(block, Bullets):
        return [f"{indent}- {_line(line)}" for line in block.lines]
    if isinstance(block, Table):
        return _table(block, style, indent)
    if isinstance(block, Source):
        return [f"{indent}  {_code(line)}" for line in block.text.splitlines()]
    if isinstance(block, Fold):
        lines = [indent + _line(block.summary)]
        if block.in_text:
            for inner in block.blocks:
                lines += _block(inner, style, indent + "  ")
        return lines
    return []  # a drawing: a terminal has none


def _table(block: Table, style: Style, indent: str) -> list[str]:
    kept = [
        place for place in range(len(block.head))
        if not block.rows or any(cells[place] for cells in block.rows)
    ]  # fmt: skip
    rows = [[block.head[place] for place in kept]]
    rows += [[_line(cells[place]) for place in kept] for cells in block.rows]
    right = [at for at, place in enumerate(kept) if place in block.right]
    head, *rest = table(rows, right)
    return [indent + style(head, "dim"), *(indent + line for line in rest)]


def _line(line: Line) -> str:
    return clean("".join(line))


def _code(line: str) -> str:
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + clean(bare)
