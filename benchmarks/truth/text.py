"""Edits of a file as text: of SQL that no parser takes before it is rendered, and of macros."""

from __future__ import annotations

import random
import re

_NUMBER = re.compile(r"(?<![\w.'\"-])\d+(?:\.\d+)?(?![\w.'\"])")
_TEXT = re.compile(r"(?:=|<>|then|else|in \()\s*'([^'{}]*)'")
_ITEM = re.compile(r"^(        )(\w[^\n{}()]*),\n", re.MULTILINE)
_COMPARISON = re.compile(r"\s(<=|>=|<>|=|<|>)\s")
_AND = re.compile(r"^\s+and [^\n]*\n", re.MULTILINE)


def comment(text: str, rng: random.Random) -> str | None:
    """Say something on a line of its own."""
    lines = text.split("\n")
    place = rng.choice([0, len(lines) - 1])
    lines.insert(place, "{# why this is so #}" if rng.random() < 0.5 else "")
    return "\n".join(lines)


def sql_comment(text: str, rng: random.Random) -> str | None:
    """Say something at the head of the query."""
    del rng
    return "-- why this is so\n" + text


def spaces(text: str, rng: random.Random) -> str | None:
    """Indent everything anew."""
    wide = "  " if rng.random() < 0.5 else "\t"
    return re.sub(r"^    ", wide, text, flags=re.MULTILINE)


def number(text: str, rng: random.Random) -> str | None:
    """Write another number."""
    return _swap(text, rng, _NUMBER, lambda _: str(rng.choice([0, 1, 2, 7, 50, 1000])))


def word(text: str, rng: random.Random) -> str | None:
    """Write another text."""
    return _swap(text, rng, _TEXT, lambda old: old.upper() if rng.random() < 0.3 else old + "x", 1)


def comparison(text: str, rng: random.Random) -> str | None:
    """Compare in another way."""
    return _swap(text, rng, _COMPARISON, lambda _: rng.choice(["=", "<>", "<=", ">"]), 1)


def drop_item(text: str, rng: random.Random) -> str | None:
    """Take a line out of a select list."""
    return _swap(text, rng, _ITEM, lambda _: "")


def turn_items(text: str, rng: random.Random) -> str | None:
    """Exchange two lines of a select list."""
    found = list(re.finditer(r"^        (\w+),\n        (\w+),\n", text, re.MULTILINE))
    if not found:
        return None
    match = rng.choice(found)
    turned = f"        {match[2]},\n        {match[1]},\n"
    return text[: match.start()] + turned + text[match.end() :]


def drop_condition(text: str, rng: random.Random) -> str | None:
    """Take away one AND."""
    return _swap(text, rng, _AND, lambda _: "\n")


def _swap(
    text: str, rng: random.Random, what: re.Pattern[str], by: object, group: int = 0
) -> str | None:
    found = list(what.finditer(text))
    if not found or not callable(by):
        return None
    match = rng.choice(found)
    made = text[: match.start(group)] + str(by(match[group])) + text[match.end(group) :]
    return made if made != text else None


LOOKS = (comment, sql_comment, spaces)
LOGIC = (number, word, comparison, drop_item, turn_items, drop_condition)
