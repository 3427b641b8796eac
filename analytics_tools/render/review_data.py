"""How data differs, shown: figures for every relation, and a few rows of each."""

from __future__ import annotations

from analytics_tools.render.review_parts import (
    Block,
    Fold,
    Line,
    Para,
    Piece,
    cut,
    joined,
    name,
    names,
    percent,
    table,
)
from analytics_tools.review.answer import DataDiff, Example, Review
from analytics_tools.words import counted

_ROWS = 40
_COLUMNS = 5
_MOST_EXAMPLES = 12
_VALUE = 80
_SECTION = "Data against production"


def data_pieces(review: Review) -> list[Piece]:
    """Return the figures of all relations that were compared, and examples of those that differ."""
    told = [one for one in review.data if one.differs or one.skipped]
    same = [one for one in review.data if not one.differs and not one.skipped]
    blocks: list[Block] = []
    if told:
        head = ("Relation", "Rows", "Keys lost", "Keys added", "Rows changed", "Most in")
        blocks += table(head, [_row(one) for one in told], _ROWS, (1, 2, 3, 4))
    notes = _notes(told)
    blocks += [Para(line) for line in notes]
    if same:
        line: Line = ("Row by row the same: ", *names((one.name for one in same), 12), ".")
        blocks.append(Para(line))
    if not blocks:
        return []
    pieces = [Piece(_SECTION, "data against production", 25, tuple(blocks))]
    shown = [one for one in told if one.examples]
    for place, one in enumerate(shown[:_MOST_EXAMPLES]):
        label = f"example rows of {cut(one.name, 60)}"
        pieces.append(Piece(_SECTION, label, 80 + min(place, 9), (_examples(one),)))
    return pieces


def _row(one: DataDiff) -> tuple[Line, ...]:
    rows = "?" if one.rows_before is None else f"{one.rows_before:,}"
    if one.rows_after is not None and one.rows_after != one.rows_before:
        rows += f" → {one.rows_after:,}"
    columns = [(name(c.name), f" {percent(c.share)}") for c in one.columns]
    if one.skipped:
        return (name(one.name),), (rows,), (), (), (), (cut(one.skipped, 160),)
    if not one.key:
        what = f"{one.lost:,} rows only in base, {one.added:,} only here"
        return (name(one.name),), (rows,), (), (), (), (what,)
    return (
        (name(one.name),),
        (rows,),
        (f"{one.lost:,}",),
        (f"{one.added:,}",),
        (f"{one.changed:,}",),
        joined(columns, ", ", _COLUMNS),
    )


def _notes(told: list[DataDiff]) -> list[Line]:
    """Say once for what rows can't be matched, and what is masked."""
    lines: list[Line] = []
    keyless = [one for one in told if not one.key and not one.skipped]
    if keyless:
        why = [(name(one.name), f" ({cut(one.note, 100)})" if one.note else "") for one in keyless]
        lines.append(("Whole rows were compared where no key matches them: ",
                      *joined(why, ", ", 6), "."))  # fmt: skip
    return lines


def _examples(one: DataDiff) -> Fold:
    rows: list[tuple[Line, ...]] = []
    for example in one.examples:
        key = _pairs(example)
        if example.side != "changed":
            rows.append((key, (f"key {example.side}",), (), ()))
        for place, (column, before, after) in enumerate(example.values[:_COLUMNS]):
            rows.append(
                (key if not place else (), (name(column),), (name(before, _VALUE),),
                 (name(after, _VALUE),))
            )  # fmt: skip
        more = len(example.values) - _COLUMNS
        if more > 0:
            rows.append(((), (f"and {counted(more, 'column')} more",), (), ()))
    blocks: tuple[Block, ...] = table(("Key", "Column", "Before", "After"), rows, _ROWS)
    if one.masked:
        blocks = (*blocks, Para(("Masked as personal: ", *names(one.masked, 12), ".")))
    return Fold(("Example rows of ", name(one.name)), blocks)


def _pairs(example: Example) -> Line:
    line: list[str] = []
    for place, (column, value) in enumerate(example.key):
        line += [", "] if place else []
        line += [name(f"{column} = {value}", _VALUE)]
    return tuple(line)
