"""What is wrong with a statement: names that stand for nothing, types that don't get on."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Problem(Struct, frozen=True, array_like=True):
    """A name that stands for nothing: a column that none of `nodes` has.

    `kind` is empty for such; ``ambiguous`` where several have it, ``ungrouped`` where it is
    selected beside aggregates and not grouped by. `sure` is False where something with unknown
    columns might have it.
    """

    column: str
    nodes: tuple[str, ...]
    sure: bool
    kind: str = ""


class Clash(NamedTuple):
    """Two types in one operation that don't get on: ``compare``, ``order`` (which is the greater
    one) or ``arithmetic``, and whether the text is known to be digits."""

    kind: str
    digits: bool
    sql: str
