"""A review as workflow commands, which GitHub shows beside the lines they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code
from analytics_tools.render.review_head import PHRASES
from analytics_tools.review.answer import Item, Reason, Review, Verdict

# GitHub shows so many annotations of each level for a step, and no more.
_MOST = 10
_MESSAGE = 1_000
_TITLE = 150
# What to annotate as a warning; the other reasons are notices.
_WARNINGS = frozenset(
    ("reader-may-break", "column-removed", "column-renamed", "type-changed", "test-lost",
     "test-weakened", "removed", "full-refresh", "not-built", "data-differs")
)  # fmt: skip


class _Place(NamedTuple):
    file: str
    line: int | None


def review_github(review: Review, project: Project, code: Code, prefix: str) -> str:
    """Return the annotations, the gravest first, and nothing else.

    Args:
        project, code: of head.
        prefix: the dbt project's folder below the repository's, empty or ending with ``/``.
    """
    shown: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for reason in review.reasons:
        for item in reason.items:
            level = _level(reason)
            shown[level].append(_command(level, reason, item, _place(item, project, code), prefix))
    lines = [line for found in shown.values() for line in found[:_MOST]]
    return "\n".join(lines) + "\n" * bool(lines)


def _level(reason: Reason) -> str:
    if reason.level is Verdict.BREAKS:
        return "error"
    return "warning" if reason.rule in _WARNINGS else "notice"


def _command(level: str, reason: Reason, item: Item, place: _Place, prefix: str) -> str:
    where = ""
    if place.file:
        where = f"file={_property(prefix + place.file)}," + (
            f"line={place.line}," if place.line else ""
        )
    title = _property(f"{PHRASES[reason.rule]}: {item.name}"[:_TITLE])
    columns = f" ({', '.join(item.columns[:20])})" if item.columns else ""
    detail = f": {item.detail}" if item.detail else ""
    message = _data(f"{item.name}{columns}{detail}"[:_MESSAGE])
    return f"::{level} {where}title={title}::{message}"


def _place(item: Item, project: Project, code: Code) -> _Place:
    node = project.nodes_by_id.get(item.unique_id)
    if node is None:
        return _Place("", None)
    file = _clean(node.original_file_path).replace("\\", "/")
    if not file.endswith(".sql"):
        return _Place(file, None)
    return _Place(file, next(_lines(code.node(item.unique_id).raw, item.columns), None))


def _lines(text: str, columns: tuple[str, ...]) -> Iterator[int]:
    """Yield the lines that name one of the columns."""
    for column in columns:
        word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)", re.IGNORECASE)
        for number, line in enumerate(text.splitlines(), 1):
            if word.search(line.partition("--")[0]):
                yield number


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n" else " " for c in text.replace("\r", "\n"))


def _data(text: str) -> str:
    """Return a message: what would end it, or begin another command, is written in hex."""
    return _clean(text).strip().replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
