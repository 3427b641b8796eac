"""``*``, ``t.*`` and what may be done to them: EXCEPT, REPLACE, RENAME, ILIKE, COLUMNS(*)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql.core import CannotReadError
from analytics_tools.sql.findings import Problem
from analytics_tools.sql.relation import Open, Value
from analytics_tools.sql.scope import Item, Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

Expanded = tuple[list[tuple[str, Value]], list[Open]]


class Stars:
    """Expands stars."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def expand(self, node: exp.Expr, scope: Scope) -> Expanded | None:
        """Return the columns a star stands for, or None for what is no star."""
        if isinstance(node, exp.Columns):
            if isinstance(node.this, exp.Star) and not node.args.get("unpack"):
                return self._changed(node.this, self._all(scope), scope)
            raise CannotReadError("COLUMNS with a pattern")
        if isinstance(node, exp.Star):
            return self._changed(node, self._all(scope), scope)
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            table = node.args.get("table")
            item = scope.item(self._reader.key(table)) if table is not None else None
            if item is None:
                raise CannotReadError(f"{node.sql()}: a star on what is no relation here")
            return self._changed(node.this, ([*item.columns.items()], [*item.open]), scope)
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
            raise CannotReadError("a star on a structure")
        if not isinstance(node, exp.Alias) or not isinstance(node.this, exp.Columns):
            for inner in node.find_all(exp.Columns):
                raise CannotReadError(f"{inner.sql()} inside of an expression")
        return None

    def _all(self, scope: Scope) -> Expanded:
        """Return the columns of everything in the FROM, those joined by USING once."""
        values: list[tuple[str, Value]] = []
        opened: list[Open] = []
        for item in scope.items:
            values += [
                (key, scope.joined.get(key, value))
                for key, value in item.columns.items()
                if key not in item.merged
            ]
            opened += [
                replace(part, hidden=part.hidden | item.merged) if item.merged else part
                for part in item.open
            ]
        if self._reader.dialect in ("postgres", "redshift", "snowflake"):
            values = self._merged_first(values, scope.items)
        return values, opened

    @staticmethod
    def _merged_first(
        values: list[tuple[str, Value]], items: Iterable[Item]
    ) -> list[tuple[str, Value]]:
        merged = {key for item in items for key in item.merged}
        return sorted(values, key=lambda pair: pair[0] not in merged) if merged else values

    def _changed(self, star: exp.Expr, found: Expanded, scope: Scope) -> Expanded:
        values, opened = found
        dropped = {self._key(part) for part in star.args.get("except_") or ()}
        renamed = {
            self._key(part.this): part.args["alias"] for part in star.args.get("rename") or ()
        }
        replaced = {self._reader.key(p.args["alias"]): p for p in star.args.get("replace") or ()}
        if star.args.get("ilike") is not None:
            values, opened = self._alike(star, values, opened)
        if not (dropped or renamed or replaced):
            return values, opened
        if not opened and self._reader.dialect != "clickhouse":
            self._require(star, {key for key, _ in values}, scope)
        changed: list[tuple[str, Value]] = []
        for key, value in values:
            if key in dropped:
                continue
            if key in replaced:
                value = self._reader.expressions.value(replaced.pop(key), scope)
            if key in renamed:
                name = renamed.pop(key)
                key, value = self._reader.key(name), replace(value, name=self._reader.spelled(name))
            changed.append((key, value))
        if opened:
            for part in replaced.values():
                value = self._reader.expressions.value(part, scope)
                changed.append((self._reader.key(part.args["alias"]), value))
            for key, name in renamed.items():
                old = opened[0].get(key, key)
                new = replace(old, name=self._reader.spelled(name))
                changed.append((self._reader.key(name), new))
            hidden = frozenset(dropped | set(renamed) | set(replaced))
            opened = [replace(part, hidden=part.hidden | hidden) for part in opened]
        return changed, opened

    def _require(self, star: exp.Expr, there: set[str], scope: Scope) -> None:
        """Note the names that a star is told to leave out or to change, and that aren't there."""
        named = [*(star.args.get("except_") or ())]
        named += [part.this for part in star.args.get("rename") or ()]
        named += [part.args["alias"] for part in star.args.get("replace") or ()]
        self._reader.problems += [
            Problem(part.name, scope.nodes(), True)
            for part in named
            if self._key(part) not in there
        ]

    def _key(self, node: exp.Expr) -> str:
        return self._reader.key(node.this if isinstance(node, exp.Column) else node)

    def _alike(
        self, star: exp.Expr, values: list[tuple[str, Value]], opened: list[Open]
    ) -> Expanded:
        pattern = star.args["ilike"]
        if opened or not isinstance(pattern, exp.Literal):
            raise CannotReadError("a pattern on unknown columns")
        text = "".join(
            {"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in str(pattern.this)
        )
        matches = re.compile(text, re.IGNORECASE | re.DOTALL)
        return [pair for pair in values if matches.fullmatch(pair[1].name)], opened
