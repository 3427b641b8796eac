"""A review as Markdown for a comment: harmless whatever it quotes, never too long for GitHub."""

from __future__ import annotations

import html
import re

from analytics_tools.render.markdown import code, escape, fenced, row
from analytics_tools.render.review_head import TITLES
from analytics_tools.render.review_parts import (
    Block,
    Bold,
    Bullets,
    Drawing,
    Line,
    Name,
    Para,
    Piece,
    Source,
    Table,
)
from analytics_tools.render.review_sections import pieces_of
from analytics_tools.review.answer import Review

# By this line the comment is found again, to be updated.
MARKER = "<!-- analytics-tools review -->"
# GitHub takes 65,536 characters. Counted in bytes, of which no character has fewer than one.
LIMIT = 65_000
_NO_BREAK = "\u200b"
_REFERENCE = re.compile(r"(?i)\b(GH)(?=-\d)")
_LINKED = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(?=:)|\b(www)(?=\.)")


def review_markdown(review: Review, limit: int = LIMIT) -> str:
    """Return the comment, of at most `limit` bytes; what is least important is left out first."""
    sign, title = TITLES[review.verdict]
    head = f"{MARKER}\n## {sign} {title}"
    rendered = [(piece, _blocks(piece.blocks)) for piece in pieces_of(review)]
    left_out: list[str] = []
    while True:
        text = _put_together(head, rendered, left_out)
        heaviest = max(rendered, key=lambda one: (one[0].weight, len(one[1])))
        if len(text.encode("utf-8", "replace")) <= limit:
            return text
        if heaviest[0].weight == 0:
            return _cut(text, limit)
        rendered.remove(heaviest)
        left_out.append(heaviest[0].label)


def _put_together(head: str, rendered: list[tuple[Piece, str]], left_out: list[str]) -> str:
    parts = [head]
    section = ""
    for piece, text in rendered:
        if piece.section and piece.section != section:
            parts.append(f"### {piece.section}")
        section = piece.section or section
        parts.append(text)
    if left_out:
        shown = ", ".join(escape(label) for label in left_out[:8])
        more = f" and {len(left_out) - 8:,} more" if len(left_out) > 8 else ""
        parts.append(
            f"*Left out to stay below GitHub's limit: {shown}{more}. "
            "`analytics-tools review --format json` has all of it.*"
        )
    return "\n\n".join(parts) + "\n"


def _cut(text: str, limit: int) -> str:
    """Return as many whole lines as fit; only what nobody can read anyway gets here."""
    end = "\n\n*Cut here to stay below GitHub's limit.*\n"
    kept = text.encode("utf-8", "replace")[: limit - len(end)].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + end


# -- blocks ------------------------------------------------------------------------------------


def _blocks(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Para):
        return line_of(block.line)
    if isinstance(block, Bullets):
        return "\n".join(f"- {line_of(line)}" for line in block.lines)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Source):
        return fenced(block.text, block.language)
    if isinstance(block, Drawing):
        return f"```mermaid\n{block.text}\n```"
    return (
        f"<details><summary>{_summary(block.summary)}</summary>\n\n"
        f"{_blocks(block.blocks)}\n\n</details>"
    )


def _table(block: Table) -> str:
    kept = [
        place for place in range(len(block.head))
        if not block.rows or any(cells[place] for cells in block.rows)
    ]  # fmt: skip
    marks = ["---:" if place in block.right else "---" for place in kept]
    lines = [row(*(block.head[place] for place in kept)), row(*marks)]
    lines += [row(*(line_of(cells[place]) for place in kept)) for cells in block.rows]
    return "\n".join(lines)


def line_of(line: Line) -> str:
    """Return a line as Markdown: names as code, all else as text without power."""
    return "".join(_part(part) for part in line)


def _part(part: str) -> str:
    if isinstance(part, Name):
        return code(part)
    if isinstance(part, Bold):
        return f"**{plain(part)}**" if part.strip() else ""
    before = " " if part[:1] == " " else ""
    after = " " if part[-1:] == " " and part.strip() else ""
    return before + plain(part) + after


def plain(text: str) -> str:
    """Return text that is no markup, no mention, no reference and no link."""
    safe = _REFERENCE.sub(r"\1" + _NO_BREAK, escape(text))
    safe = re.sub(r"#(?=\w)", "#" + _NO_BREAK, safe)
    return _LINKED.sub(lambda m: m.group() + _NO_BREAK, safe)


def _summary(line: Line) -> str:
    """Return a line for where there is HTML and no Markdown."""
    parts = []
    for part in line:
        text = "".join(c if c.isprintable() else " " for c in part)
        safe = html.escape(text).replace("@", "@" + _NO_BREAK)
        safe = re.sub(r"(?<!&)#(?=\w)", "#" + _NO_BREAK, safe)
        safe = _LINKED.sub(lambda m: m.group() + _NO_BREAK, _REFERENCE.sub(r"\1" + _NO_BREAK, safe))
        tag = "code" if isinstance(part, Name) else "b" if isinstance(part, Bold) else ""
        parts.append(f"<{tag}>{safe}</{tag}>" if tag and safe.strip() else safe)
    return "".join(parts)
