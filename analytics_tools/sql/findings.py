"""What is wrong with a statement: names that stand for nothing, types that don't get on."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Problem(Struct, frozen=True, array_like=True):
    """A name that stands for nothing: a column that none of `nodes` has.

    `kind` is empty for such; ``ambiguous`` where several have it, ``ungrouped`` where it is
    selected beside aggregates and not grouped by, ``ordinal`` where it is a place that none has,
    ``type`` where it is a type the warehouse may not have. `sure` is False where something with
    unknown columns might have it.
    """

    column: str
    nodes: tuple[str, ...]
    sure: bool
    kind: str = ""


class Clash(NamedTuple):
    """Types in one operation that don't get on, by their families.

    `kind` is how they meet: ``compare``, ``order`` (which is the greater one), ``mix`` (one of them
    is taken), ``union``, ``cast``, ``literal`` (a text that is none), or what the operation wants:
    ``number``, ``text``, ``time``.
    """

    kind: str
    families: tuple[str, ...]
    sql: str
