"""What a SELECT's grouping makes of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_scope
from typing import TYPE_CHECKING

from sqlglot import exp

from analytics_tools.sql.aggregates import aggregates
from analytics_tools.sql.combine import grouped
from analytics_tools.sql.core import CannotReadError, Entry, Look
from analytics_tools.sql.ordering import many, ordinal
from analytics_tools.sql.relation import ONE, Open, Rows, Value, h, quoted
from analytics_tools.sql.scope import Item, Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

_SETS = (exp.Cube, exp.Rollup, exp.GroupingSets)


class Grouping:
    """Reads GROUP BY, and what is one group without it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(
        self, node: exp.Select, entries: list[Entry], opened: tuple[Open, ...], scope: Scope
    ) -> None:
        """Make groups of the rows of a scope, where the SELECT does."""
        group = node.args.get("group")
        scope.single = scope.unique
        if group is None:
            if node.args.get("having") or any(e.node and aggregates(e.node) for e in entries):
                scope.follows = ()
                bag = scope.rows.with_repeated()
                scope.grouped = tuple(h("group", one.id) for one in (scope.rows, scope.seq, bag))
                scope.beside = self._beside(node, scope)
                scope.rows = scope.seq = ONE
                scope.unique = frozenset({frozenset()})
            return
        look = Look()
        parts = self._parts(group, entries, opened, scope)
        keys = [self._key(part, scope, look) for part in parts if not isinstance(part, _SETS)]
        sets = self._sets(group, parts, scope, look)
        scope.decide(look.edges, "group")
        distinct = frozenset(keys)
        if sets:
            scope.rows = Rows(h("group", scope.rows.id, *sorted(distinct), "sets", *sets))
            scope.seq = Rows(h("group", scope.seq.id, *keys, "sets", *sets))
            scope.grouped = (scope.rows.base, scope.seq.base, scope.rows.base)
        else:
            # Groups are the same however often a row is there.
            bag = grouped(scope.rows.with_repeated(), distinct)
            once = [grouped(one, distinct).base for one in (scope.rows, scope.seq)]
            scope.grouped = (*once, bag.base)
            scope.rows = bag
            scope.seq = Rows(h("group", scope.seq.id, *keys))  # as they are hashed
        scope.beside = self._beside(node, scope)
        scope.keyed, scope.follows = bool(distinct) and not sets, ()
        scope.keys = frozenset() if sets else distinct
        scope.unique = frozenset() if sets else frozenset({distinct})
        if sets:
            scope.wrap("grouping set", scope.rows.base)
            scope.filled = frozenset()

    def _beside(self, node: exp.Select, scope: Scope) -> Callable[[], str]:
        """Return a function that says what is selected and asked for, as code, not as values."""
        bare = Scope(locals=scope.locals)
        for place, item in enumerate(scope.items):
            tag = h("item", str(place))
            own = {key: Value(h(tag, quoted(key)), key, sure=False) for key in item.columns}
            opened = (Open(tag, "", {}),) if item.open else ()
            bare.items.append(Item(item.key, own, opened, frozenset()))
        having = node.args.get("having")
        parts = [*node.expressions, *([having.this] if having else ())]
        found: list[str] = []

        def told() -> str:
            if not found:
                found.append("")  # of itself an aggregate says nothing
                with self._reader.unsaid():
                    ids = [self._as_code(part.unalias(), bare) for part in parts]
                found[0] = h("beside", *sorted(ids), "having" if having else "")
            return found[0]

        return told

    def _as_code(self, part: exp.Expr, bare: Scope) -> str:
        if part.is_star:
            return quoted(part.sql(comments=False))
        return self._reader.expressions.id(part, bare, Look())

    def _key(self, part: exp.Expr | Value, scope: Scope, look: Look) -> str:
        if isinstance(part, Value):
            look.edges.update(part.edges)
            return part.id
        return self._reader.expressions.id(part, scope, look)

    def _sets(
        self, group: exp.Group, parts: list[exp.Expr | Value], scope: Scope, look: Look
    ) -> list[str]:
        """Return the ids of CUBE, ROLLUP, GROUPING SETS and the like."""
        read = self._reader.expressions.id
        found = [read(part, scope, look) for part in parts if isinstance(part, _SETS)]
        for key in ("grouping_sets", "cube", "rollup", "totals"):
            for part in many(group.args.get(key)):
                made = read(part, scope, look) if isinstance(part, exp.Expr) else quoted(str(part))
                found.append(h(key, made))
        return found

    def _at(self, entry: Entry, scope: Scope) -> Value:
        """Return what is selected at a place: names mean in it what they do in the select list."""
        if entry.value is not None:
            return entry.value
        node: exp.Expr = entry.node.unalias()  # type: ignore[union-attr]
        return self._reader.expressions.value(node, replace_scope(scope, alias_first=False))

    def _parts(
        self, group: exp.Group, entries: list[Entry], opened: tuple[Open, ...], scope: Scope
    ) -> list[exp.Expr | Value]:
        """Return what GROUP BY lists, with what its positions and ALL stand for."""
        found: list[exp.Expr | Value] = []
        if group.args.get("all"):
            for entry in entries:
                if entry.value is not None:
                    found.append(entry.value)
                elif entry.node is not None and not aggregates(entry.node):
                    found.append(entry.node.unalias())
        for part in group.expressions:
            place = ordinal(part)
            if place is None:
                found.append(part)
            elif opened:
                raise CannotReadError("GROUP BY a position in unknown columns")
            elif 0 < place <= len(entries):
                found.append(self._at(entries[place - 1], scope))
        return found
