"""Markdown that can't be hijacked: what comes from a project is text, never markup.

A name or description may hold pipes, backticks, tags, mentions of people, or line breaks. Here it
loses its power, and keeps its look.
"""

from __future__ import annotations

import re

_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {c: f"\\{c}" for c in "\\`*_{}[]()|~!$"}
)
# Written at the beginning of a line, these make lists, headings, rules and quotes.
_AT_START = re.compile(r"^([-+=#]|\d+(?=[.)]))")
# Nothing in it means anything in Markdown, wherever it stands.
_HARMLESS = re.compile(r"[A-Za-z][A-Za-z0-9 ,.:;%/?'\"-]*")
_NO_BREAK = "\u200b"  # zero-width: looks like nothing, and keeps @team from being a mention


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in text)


def escape(text: str) -> str:
    """Return `text` on one line, safe anywhere in Markdown, table cells included."""
    line = " ".join(_printable(text).split())
    if _HARMLESS.fullmatch(line):
        return line
    line = line.translate(_ESCAPED)
    if "@" in line:  # no mention begins inside of a word, so addresses stay whole
        line = re.sub(r"(?<![A-Za-z0-9])@(?=\w)", "@" + _NO_BREAK, line)
    if "#" in line:
        line = re.sub(r"#(?=\d)", "#" + _NO_BREAK, line)
    start = _AT_START.match(line)
    if start is None:
        return line
    return (
        "\\" + line if not line[0].isdigit() else line[: start.end()] + "\\" + line[start.end() :]
    )


def paragraphs(text: str) -> str:
    """Return `text` with its paragraphs kept and everything else escaped."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(escaped for escaped in map(escape, blocks) if escaped)


def code(text: str) -> str:
    """Return `text` as a code span on one line, safe in a table cell too."""
    line = " ".join(_printable(text).split())
    if not line:
        return ""
    if "`" not in line and "|" not in line:
        return f"`{line}`"
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if "`" in (line[0], line[-1]) else ""
    # A pipe ends a table cell even inside of code, unless it has a backslash.
    return f"{ticks}{pad}{line}{pad}{ticks}".replace("|", "\\|")


def fenced(text: str, language: str) -> str:
    """Return `text` as a code block that its content can't close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    safe = "\n".join(map(_printable, text.split("\n")))
    return f"{fence}{language}\n{safe}\n{fence}"


def row(*cells: str) -> str:
    """Return a table row of cells that are Markdown already."""
    return "| " + " | ".join(cells) + " |"


def mermaid_label(text: str, limit: int = 60) -> str:
    """Return `text` for a quoted Mermaid label, all but letters, digits, ``_-.`` as entities."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(
        c if c.isalnum() or c in "_-. " else f"#{ord(c)};" for c in " ".join(short.split())
    )
