"""SQL in house style: every import a CTE, columns by group, `final` last."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

_WIDTH = 96  # of a list within a call, itself within a CTE
_COMMENTS = {"timestamps": "dates and timestamps"}


def model(ctes: Mapping[str, str]) -> str:
    """Return a model of these CTEs, in order, that ends in its last one."""
    *_, last = ctes
    bodies = [f"{name} as (\n\n{indented(body)}\n\n)" for name, body in ctes.items()]
    joined = ",\n\n".join(bodies)
    return f"with {joined}\n\nselect * from {last}\n"


def select(groups: Mapping[str, Iterable[str]], relation: str, joins: Iterable[str] = ()) -> str:
    """Return a select of expressions by group, each group under its comment."""
    blocks = []
    for group, expressions in groups.items():
        lines = ",\n".join(f"    {expression}" for expression in expressions)
        blocks.append(f"    -- {_COMMENTS.get(group, group)}\n{lines}")
    return "\n".join(["select", ",\n\n".join(blocks), f"from {relation}", *joins])


def named(expression: str, name: str) -> str:
    """Return an expression with its name, where it has another one by itself."""
    return name if expression == name else f"{expression} as {name}"


def filled(expressions: Iterable[str]) -> str:
    """Return expressions with commas between them, as many on a line as go."""
    return textwrap.fill(", ".join(expressions), _WIDTH, break_long_words=False)


def indented(text: str) -> str:
    """Return the text four spaces deeper."""
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def literal(value: str) -> str:
    """Return text as SQL."""
    return "'" + value.replace("'", "''") + "'"
