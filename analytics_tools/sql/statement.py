"""One statement, read: what the rest of the package asks of SQL."""

from __future__ import annotations

from msgspec import Struct

from analytics_tools.sql.findings import Clash, Problem
from analytics_tools.sql.relation import Relation


class Statement(Struct, frozen=True, array_like=True):
    """What a statement yields, and what there is to say about it.

    `unread` says why nothing was seen through, empty when all was. `volatile` is whether another
    run gives another answer for the same data, `clocked` whether another day does.
    """

    relation: Relation
    problems: tuple[Problem, ...] = ()
    clashes: tuple[Clash, ...] = ()
    unknown: tuple[str, ...] = ()
    volatile: bool = False
    clocked: bool = False
    unread: str = ""
