"""What DuckDB refuses in head, of what it took in base.

What belongs here: both versions, and what is known of types before any SQL is bound. What does
not: how DuckDB is asked, which is in `bound`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analytics_tools.artifacts import CatalogTable
from analytics_tools.artifacts.nodes import Seed, Source
from analytics_tools.changes.bound import MISSING, NULL, Bound, Listed, Said, surely, works
from analytics_tools.lineage.seeds import seed_text, seed_types

if TYPE_CHECKING:
    from analytics_tools.changes.pair import Pair
    from analytics_tools.lineage import Lineages


class Refusals:
    """What DuckDB refuses in head, of what it took in base.

    Args:
        sides: base and head.
        listed: what a catalog lists of a node, by side; None for what may be otherwise by now.
    """

    def __init__(
        self,
        sides: tuple[Lineages, Lineages],
        listed: tuple[Listed, Listed],
    ) -> None:
        self._lineages = sides
        self._base, self._head = (Bound(*one) for one in zip(sides, listed, strict=True))

    def node(self, uid: str) -> Said | None:
        """Return why a node can't be built; None where it can, or where that isn't known."""
        return self._new(uid, self._head.of(uid))

    def test(self, uid: str) -> Said | None:
        """Return why a data test can't be run; None as above."""
        sql = self._lineages[1].sql_of(uid)
        return self._new(uid, self._head.query(uid, sql) if sql else None)

    def in_base(self, uid: str, expression: str) -> str:
        """Return why an expression over a node's columns didn't work; empty where it did, or where
        that isn't known."""
        return surely(self._base.over(uid, expression))

    def in_head(self, uid: str, expression: str) -> str:
        """Return why an expression over a node's columns doesn't work; empty as above."""
        return surely(self._head.over(uid, expression))

    def uncast(self, uid: str, name: str, value: object) -> str:
        """Return the type that a column has now, where it takes no such value and its former type
        did; empty where it does, or where that isn't known."""
        sides = self._base.stored(uid), self._head.stored(uid)
        if sides[0] is None or sides[1] is None:
            return ""
        old, new = (
            {n.lower(): t for n, t in one.items()}.get(name.lower()) for one in sides if one
        )
        if not old or not new or old == new or NULL in (old, new):
            return ""
        fits = self._head.fits(value, old), self._head.fits(value, new)
        return new if fits == (True, False) else ""

    def later(self, uid: str, texts: Sequence[Sequence[str]], conditions: Sequence[str]) -> str:
        """Return why a later run of a node fails, on the table that base has built.

        Args:
            texts: what later runs select in base and in head: `lineage.later` says how nodes are
                named there.
            conditions: what one asks of the table, as ``old``, and of what it selects, as ``new``.
        """
        there, before, now = self._base.stored(uid), self._was(uid), self._head.of(uid)
        if there is None or before is None or now is None or before.fault or now.fault:
            return ""
        if [len(one) for one in texts] == [1, 1]:
            fault = surely(self._head.over_itself(uid, there, texts[1][0]))
            if fault and works(self._base.over_itself(uid, there, texts[0][0])):
                return fault
        for one in conditions:
            fault = self._head.against(there, now.columns, one)
            if fault and not self._head.against(there, before.columns, one):
                return fault
        return ""

    def retyped(self, uid: str) -> list[str]:
        """Return the columns to which a node's SQL gives another type than it did, and its table
        has."""
        there, types = self._base.stored(uid), self.types(uid)
        if there is None or types is None:
            return []
        stored = {name.lower(): type_ for name, type_ in there.items()}
        return [
            name
            for name, type_ in types[1].items()
            if types[0].get(name) == stored.get(name) != type_
            and name in stored
            and NULL not in (type_, stored[name])
        ]

    def binds(self, uid: str) -> bool:
        """Whether a node's SQL is known to work."""
        return works(self._head.of(uid))

    def types(self, uid: str) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
        """Return the types of what a node's SQL yields in base and in head, by name in small
        letters; None where they aren't known."""
        sides = self._was(uid), self._head.of(uid)
        if sides[0] is None or sides[1] is None or sides[0].fault or sides[1].fault:
            return None
        one, two = ({name.lower(): t for name, t in side.columns.items()} for side in sides if side)
        return one, two

    def close(self) -> None:
        """Let go of DuckDB."""
        self._base.close()
        self._head.close()

    def _was(self, uid: str) -> Said | None:
        before = self._lineages[0]
        sql = before.sql_of(uid) if uid in before.project.nodes_by_id else ""
        return self._base.query(uid, sql) if sql else None

    def _new(self, uid: str, said: Said | None) -> Said | None:
        if said is None or not said.fault:
            return None
        if uid in self._lineages[0].project.nodes_by_id:
            return said if works(self._was(uid)) else None
        return None if MISSING.search(said.fault) else said  # a hook may make it


def refusals_of(pair: Pair) -> Refusals:
    """Return what says what DuckDB refuses between two versions."""

    def in_base(uid: str) -> Mapping[str, str] | None:
        return _typed(pair.before, uid, pair.listed[0], edited=False)

    def in_head(uid: str) -> Mapping[str, str] | None:
        if uid.startswith(("seed.", "source.")):
            return _typed(pair.after, uid, pair.listed[1], edited=uid in pair.edited)
        if uid in pair.suspects:
            return None
        return _typed(pair.after, uid, pair.listed[0], edited=False)

    return Refusals((pair.before, pair.after), (in_base, in_head))


def _typed(
    side: Lineages, uid: str, tables: Mapping[str, CatalogTable], *, edited: bool
) -> Mapping[str, str] | None:
    """Return the types of a node's columns that don't hang on its SQL; None where nobody knows.

    A catalog may be older than the project, so it counts where its columns are those that the SQL
    has, and after the cells of a seed that was edited.
    """
    table, node = tables.get(uid), side.project.relations.get(uid)
    listed = {one.name: one.type or "" for one in table.in_order()} if table else None
    if isinstance(node, Seed) and (edited or listed is None):
        code = side.code.node(uid)
        text = seed_text(code, node.original_file_path)
        return (seed_types(text, code.settings) if text else None) or listed
    if listed is None or node is None or isinstance(node, Seed | Source):
        return listed
    relation = side.reading(uid).relation
    is_so = relation.open or {n.lower() for n in listed} == {k.lower() for k in relation.columns}
    return listed if is_so else None
