"""Names in expressions: columns, whole rows, stars."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from analytics_tools.sql import cells
from analytics_tools.sql.core import CannotReadError, Core, Look, require_known
from analytics_tools.sql.findings import Problem
from analytics_tools.sql.relation import How, Leaf, Value, h, merge, quoted
from analytics_tools.sql.scope import Scope, missing

# Columns that a table has without anybody's doing, in one warehouse or another.
_OF_THE_WAREHOUSE = frozenset(
    ("rowid", "ctid", "xmin", "tableoid", "rownum", "_partitiontime", "_partitiondate", "_metadata",
     "_table_suffix", "_file_name", "filename")
)  # fmt: skip
_PARTS = ("this", "table", "db", "catalog")


class Names(Core):
    """Reads names."""

    def _column(self, node: exp.Column, scope: Scope, look: Look) -> str:
        require_known(node, *_PARTS)
        if isinstance(node.this, exp.Star):
            look.bare = True
            return self._whole(self._key(node.args["table"]), scope, look)
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        value = self._found(parts, scope)
        if value is None:
            value = self._lost(parts, scope)
        elif len(parts) == 1 and scope.is_ambiguous(self._key(parts[0])):
            lost = Problem(parts[0].name, scope.nodes(), self._dialect != "clickhouse", "ambiguous")
            self._reader.problems.append(lost)
        look.bare = look.bare or self._is_own(parts, scope)
        merge(look.edges, value.edges, How.COPIED)
        look.sure = look.sure and value.sure
        if value.type:
            look.types[value.id] = value.type
        if value.clear:
            look.clear[value.id] = value.clear
        if value.needs:
            look.needs[value.id] = value.needs
        if value.unless:
            look.unless[value.id] = value.unless
        if value.default and value.default[3] == value.id:
            look.defaults[value.id] = value.default
            cells.or_else(value.default[0], value.default[2])
        certain = value.facts | scope.fact(value.id)
        if certain:
            look.facts[value.id] = certain
        return value.id

    def origin(self, node: exp.Column, scope: Scope) -> str:
        """Return how the column that is named is written where it comes from; empty if unknown."""
        value = self._found([p for p in node.parts if isinstance(p, exp.Identifier)], scope)
        return value.name if value is not None else ""

    def _is_own(self, parts: list[exp.Identifier], scope: Scope) -> bool:
        """Whether a name may be of the query itself, not certainly of one around it."""
        if scope.parent is None or not scope.is_inner:
            return True
        keys = [self._key(part) for part in parts]
        own = Scope(scope.items)
        return any(own.item(key) for key in keys[:-1]) or own.column(keys[0], "") is not None

    def _found(self, parts: list[exp.Identifier], scope: Scope) -> Value | None:
        """Try the ways to read ``a.b.c``: relation and column, column and fields."""
        keys = [self._key(part) for part in parts]
        if len(keys) == 1 and keys[0] in scope.locals:
            return Value(h("local", quoted(keys[0])), parts[0].name)
        for place in range(min(len(parts) - 1, 3), 0, -1):
            item = scope.item(keys[place - 1])
            value = item.get(keys[place], parts[place].name) if item else None
            if value is not None:
                return _field(value, keys[place + 1 :], parts[-1].name)
        value = scope.column(keys[0], parts[0].name)
        if value is not None and (len(parts) == 1 or scope.item(keys[0]) is None):
            return _field(value, keys[1:], parts[-1].name)
        item = scope.item(keys[0]) if len(keys) == 1 else None
        return self._row(item) if item else None

    def _lost(self, parts: list[exp.Identifier], scope: Scope) -> Value:
        name = parts[-1].name
        item = scope.item(self._key(parts[-2])) if len(parts) > 1 else None
        nodes = tuple(sorted(item.reads)) if item else scope.nodes()
        sure = not (item.open if item else scope.is_open)
        if name.lower() not in _OF_THE_WAREHOUSE:
            self._reader.problems.append(Problem(name, nodes, sure))
        value = missing(name)  # or the warehouse's own: where a row lies, say
        return Value(h(value.id, scope.seq.id), name, value.edges, sure=False)

    def _row(self, item: Any) -> Value:
        edges: dict[Leaf, How] = {}
        for value in item.columns.values():
            merge(edges, value.edges, How.COMPUTED)
        # Whoever has the row may write it out, names and all.
        ids = [part for v in item.columns.values() for part in (quoted(v.name), v.id)]
        return Value(h("row", *ids, "open", *(part.id for part in item.open)), "", edges)

    def _whole(self, key: str, scope: Scope, look: Look) -> str:
        item = scope.item(key)
        value = self._row(item) if item else missing(key)
        merge(look.edges, value.edges, How.COMPUTED)
        return value.id

    def _by_place(self, node: exp.Expr, *_: Any) -> str:
        raise CannotReadError(f"{node.sql()}, a column by its place")

    def _star(self, node: exp.Star, scope: Scope, look: Look) -> str:
        ids = []
        for item in scope.items:
            value = self._row(item)
            merge(look.edges, value.edges, How.COMPUTED)
            ids.append(value.id)
        hidden = [
            part.sql()
            for key in ("except_", "replace", "rename")
            for part in node.args.get(key) or ()
        ]
        return h("star", *ids, *map(quoted, hidden))


def _field(value: Value, fields: list[str], name: str) -> Value:
    """Return a field of a structured value."""
    if not fields:
        return value
    edges: dict[Leaf, How] = {}
    merge(edges, value.edges, How.COMPUTED)
    return Value(h("field", value.id, *map(quoted, fields)), name, edges, sure=value.sure)
