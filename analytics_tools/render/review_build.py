"""What the run of a review did, shown: failures with their SQL, what was skipped, rows and time."""

from __future__ import annotations

from analytics_tools.diff import spoken_name
from analytics_tools.render.review_parts import (
    Block,
    Bold,
    Fold,
    Line,
    Para,
    Piece,
    Source,
    cut,
    name,
    names,
    table,
)
from analytics_tools.review.answer import Failure, Review, Timing
from analytics_tools.words import counted

_ROWS = 40
_SQL = 6_000
_MOST_FAILURES = 20


def build_pieces(review: Review) -> list[Piece]:
    """Return what failed, what was skipped for it, and rows and time that differ from base."""
    build = review.build
    section = "Build"
    pieces: list[Piece] = []
    failed = build.failures[:_MOST_FAILURES]
    for place, one in enumerate((*failed, *build.warnings[:_MOST_FAILURES])):
        label = f"the SQL of {cut(one.name, 60)}"
        pieces.append(Piece(section, label, 60 + min(place, 9), (_failure(one),)))
    if len(build.failures) > _MOST_FAILURES:
        rest = build.failures[_MOST_FAILURES:]
        line: Line = ("Failed as well: ", *names((one.name for one in rest), 30))
        pieces.append(Piece(section, "more failures", 5, (Para(line),)))
    if build.skipped:
        kinds = [uid for uid in build.skipped if not uid.startswith(("test.", "unit_test."))]
        line = (f"Skipped because something above failed: {counted(len(build.skipped), 'node')}",)
        if kinds:
            line = (*line, ", among them ", *names((spoken_name(u) for u in kinds), 8))
        pieces.append(Piece(section, "what was skipped", 20, (Para(line),)))
    rows = [_timing(one) for one in build.relations if _is_telling(one)]
    if rows:
        head = ("Relation", "Rows", "Rows in base", "Seconds", "Seconds in base")
        blocks = table(head, rows, _ROWS, (1, 2, 3, 4))
        summary: Line = (f"Rows and time against base: {counted(len(rows), 'relation')}",)
        pieces.append(Piece(section, "rows and time", 75, (Fold(summary, blocks),)))
    return pieces


def _failure(one: Failure) -> Block:
    before = " (in base too)" if one.before in ("fail", "error", "warn") else ""
    rows = f", {counted(one.failures, 'row')}" if one.failures else ""
    summary: Line = (
        Bold(f"{one.kind.replace('_', ' ')} {one.status}"), " ", name(one.name, 120), rows + before,
    )  # fmt: skip
    blocks: list[Block] = []
    if one.message:
        blocks.append(Source(one.message, "text"))
    if one.sql:
        blocks.append(Source(_shortened(one.sql), "sql"))
    return Fold(summary, tuple(blocks), in_text=False)


def _shortened(sql: str) -> str:
    text = sql.strip()
    return text if len(text) <= _SQL else text[:_SQL] + "\n-- and so on"


def _is_telling(one: Timing) -> bool:
    """Whether rows differ, or the time does by so much that it is no accident."""
    if one.rows is not None and one.base_rows is not None and one.rows != one.base_rows:
        return True
    if one.seconds is None or one.base_seconds is None:
        return False
    return abs(one.seconds - one.base_seconds) > 5 and not (
        0.5 < one.seconds / max(one.base_seconds, 0.001) < 2
    )


def _timing(one: Timing) -> tuple[Line, ...]:
    def figure(value: float | None, shape: str) -> Line:
        return () if value is None else (format(value, shape),)

    return (
        (name(one.name),),
        figure(one.rows, ","),
        figure(one.base_rows, ","),
        figure(one.seconds, ".1f"),
        figure(one.base_seconds, ".1f"),
    )
