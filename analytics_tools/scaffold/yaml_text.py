"""YAML as the house writes it: blocks, indented dashes, folded text, short lists on one line."""

from __future__ import annotations

import re
import textwrap
from typing import Any

WIDTH = 110
# A mapping in braces may be wider, for rows are compared at sight; yamllint's limit is 200 here.
_WIDEST = 160
_PLAIN = re.compile(r"[A-Za-z_(][^\x00-\x1f\x7f\\]*")
# Lists of what has an argument, or may get one.
_BELOW_EACH_OTHER = ("tests:", "depends_on:")
# Words that YAML reads as something else than text, in one version or another.
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"}


class Flow(dict[str, Any]):
    """A mapping that is written on one line, in braces, unless that is too wide."""


class Verbatim(str):
    """Text that keeps its lines."""


def dump(value: Any, indent: int = 0) -> str:
    """Return a mapping or list as YAML, with a newline at the end."""
    return "".join(f"{line}\n" if line else "\n" for line in _lines(value, indent))


def _lines(value: Any, indent: int) -> list[str]:
    pad = " " * indent
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in _entry(key, item, indent)]
    found = []
    for item in value:
        if isinstance(item, dict) and not _in_braces(item, indent + 2):
            inner = _lines(item, indent + 2)
            found += [f"{pad}- {inner[0].strip()}", *inner[1:]]
        else:
            found.append(f"{pad}- {inline(item)}")
    return found


def _in_braces(item: dict[str, Any], column: int) -> bool:
    """Whether a mapping stands on the line on which it begins, at that column."""
    return not item or (isinstance(item, Flow) and column + len(inline(item)) <= _WIDEST)


def _entry(key: str, item: Any, indent: int) -> list[str]:
    head = " " * indent + inline(key) + ":"
    if isinstance(item, dict):
        if _in_braces(item, len(head) + 1):
            return [f"{head} {inline(item)}"]
        return [head, *_lines(item, indent + 2)]
    if isinstance(item, list):
        return _list_entry(head, item, indent)
    if isinstance(item, Verbatim):
        pad = " " * (indent + 2)
        return [
            f"{head} |",
            *(pad + line if line else "" for line in item.rstrip("\n").split("\n")),
        ]
    if isinstance(item, str) and len(head) + len(item) > WIDTH and _folds(item):
        pad = " " * (indent + 2)
        width = WIDTH - indent
        wrapped = textwrap.wrap(item, width, break_long_words=False, break_on_hyphens=False)
        return [f"{head} >-", *(pad + line for line in wrapped)]
    return [f"{head} {inline(item)}"]


def _list_entry(head: str, items: list[Any], indent: int) -> list[str]:
    """Values stand on one line; what has parts, and the names of tests, below each other."""
    simple = all(not isinstance(item, dict | list) for item in items)
    if simple and not head.endswith(_BELOW_EACH_OTHER):
        line = f"{head} [{', '.join(_in_flow(item) for item in items)}]"
        if len(line) <= WIDTH:
            return [line]
    return [head, *_lines(items, indent + 2)]


def _folds(text: str) -> bool:
    """Whether folding gives the same text back: single blanks, and nothing that breaks a line."""
    return text.isprintable() and text == " ".join(text.split())


def inline(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_in_flow(k)}: {_in_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_in_flow(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(value)


def _in_flow(value: Any) -> str:
    """Inside of braces a comma ends a value as well."""
    if isinstance(value, str) and re.search(r"[,\[\]{}]", value):
        return _quoted(value)
    return inline(value)


def _text(value: str) -> str:
    plain = (
        _PLAIN.fullmatch(value)
        and value.isprintable()
        and not re.search(r": |:$| #|\s$", value)
        and value.lower() not in _WORDS
    )
    return value if plain else _quoted(value)


def _quoted(value: str) -> str:
    """Text in double quotes, with what can't be seen as its number."""
    return '"' + "".join(_letter(letter) for letter in value) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
