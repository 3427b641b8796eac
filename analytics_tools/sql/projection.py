"""What a SELECT makes of its FROM: filters, the select list, which windows are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql.alike import is_alike
from analytics_tools.sql.core import CannotReadError, Entry, Look, has
from analytics_tools.sql.families import TEXT
from analytics_tools.sql.flags import SMALL
from analytics_tools.sql.functions import EQUAL_IS_ALIKE
from analytics_tools.sql.grouping import Grouping
from analytics_tools.sql.logic import FALSE, TRUE
from analytics_tools.sql.ordering import Ordering
from analytics_tools.sql.relation import Open, Relation, Rows, Value, h, put
from analytics_tools.sql.scope import Scope
from analytics_tools.sql.stars import Stars
from analytics_tools.sql.ungrouped import beyond, ungrouped

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

# Where something of a row, or of other rows, comes in.
_OF_A_ROW = (exp.Column, exp.Star, exp.Query, exp.Window, exp.Anonymous, exp.Identifier)

# Clauses that keep some of the rows when all columns are there.
_KEEPING = ("qualify", "limit", "offset", "sample", "distinct")


class Projection:
    """Reads a SELECT whose FROM has been read into a scope."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stars = Stars(reader)
        self._ordering = Ordering(reader)
        self._grouping = Grouping(reader)

    def read(self, node: exp.Select, scope: Scope) -> Relation:
        """Return what the SELECT yields."""
        entries, opened = self._open(node, scope)
        scope.specs = self._specs(node, scope)
        where = node.args.get("where")
        for asked in (node.args.get("prewhere"), where.this if where else None):
            if self._reader.filtered(scope, asked, "filter"):
                with self._reader.unsaid():
                    entries, opened = self._open(node, scope)
        first, scope.alias_first = scope.alias_first, True
        self._grouping.read(node, entries, opened, scope)
        if not opened:
            self._reader.problems += beyond(node, len(entries), scope.nodes())
        having = node.args.get("having")
        self._reader.filtered(scope, having.this if having else None, "filter")
        scope.alias_first = first
        rows, seen = scope.rows, scope.seq
        made = self._columns(entries, opened, scope)
        if scope.grouped and (scope.keyed or node.args.get("group") is None):
            for entry in entries:
                lost = ungrouped(self._reader, entry.node.unalias(), scope) if entry.node else []
                self._reader.problems += lost
        seen = seen if scope.rows is rows else scope.seq
        scope.alias_first = True
        qualify = node.args.get("qualify")
        if qualify is not None:
            _require_plain(node, scope.rows is not rows)
            pick = self._reader.filtered(scope, qualify.this, "filter", seen)
            if pick is not None:
                columns = {key: pick(value) for key, value in made.columns.items()}
                opened = tuple(part.wrapped("first", pick(Value("")).id) for part in made.open)
                made = replace(made, columns=columns, open=opened)
            made = replace(made, rows=scope.rows, seq=scope.seq, unique=scope.unique, branches=())
        made = replace(made, deciders=scope.deciders, reads=scope.reads)
        made = self._ordering.distinct(node, made, scope)
        return self._ordering.limited(node, made, scope)

    def _open(self, node: exp.Select, scope: Scope) -> tuple[list[Entry], tuple[Open, ...]]:
        """Return the select list, and let a scope know of it."""
        entries, opened = self._listed(node, scope)
        scope.alias = self._aliases(entries, scope)
        scope.told = self._seen(node, entries, opened, scope)
        return entries, opened

    # -- the select list -----------------------------------------------------------------------

    def _listed(self, node: exp.Select, scope: Scope) -> tuple[list[Entry], tuple[Open, ...]]:
        entries: list[Entry] = []
        opened: list[Open] = []
        for place, one in enumerate(node.expressions):
            star = self._stars.expand(one, scope)
            if star is not None:
                values, more = star
                entries += [Entry(key, value.name, None, value) for key, value in values]
                opened += more
                continue
            bare = one.unnest()  # a column in parentheses keeps its name
            named = bare if isinstance(bare, exp.Column) else one
            identifier: Any = named.args.get("alias") if isinstance(one, exp.Alias) else named.this
            known = isinstance(identifier, exp.Identifier) and isinstance(
                named, exp.Alias | exp.Column
            )
            if known:
                spelling = self._reader.spelled(identifier)
                if isinstance(named, exp.Column) and self._reader.dialect == "duckdb":
                    spelling = self._reader.expressions.origin(named, scope) or spelling
                entries.append(Entry(self._reader.key(identifier), spelling, one))
                continue
            # The warehouse makes up a name, by the text: another text may have another name.
            text = one.sql(self._reader.dialect, comments=False)
            name = one.output_name or f"_column{place}"
            if isinstance(one, exp.Cast) and self._reader.dialect in _CASTS_ARE_NAMED_ANEW:
                name = text
            entries.append(Entry(self._folded(name), text, one))
        if not node.expressions:  # FROM t, with nothing selected, means everything
            star = self._stars.expand(exp.Star(), scope)
            values, more = star or ([], [])
            return [Entry(key, value.name, None, value) for key, value in values], tuple(more)
        return entries, tuple(opened)

    def _may_be_fields(self, node: exp.Expr, scope: Scope) -> bool:
        """Whether UNNEST may make a column of each field of a structure, on DuckDB."""
        call = node.unalias()
        if self._reader.dialect != "duckdb" or not isinstance(call, exp.Explode):
            return False
        what = self._reader.expressions.value(call.this, scope)
        if what.type:
            return what.type.startswith(":STRUCT")
        is_made = isinstance(call.this, exp.Struct)
        return is_made or (node is call and isinstance(call.this, exp.Column | exp.Dot))

    def _folded(self, name: str) -> str:
        return self._reader.key(exp.to_identifier(name, quoted=False))

    def _aliases(self, entries: list[Entry], scope: Scope) -> Callable[[str], Value | None]:
        """Return a function that finds a column of the select list by its alias."""
        nodes = {e.key: e.node for e in entries if isinstance(e.node, exp.Alias)}
        known: dict[tuple[str, object, int], Value] = {}
        busy: set[str] = set()

        def find(key: str) -> Value | None:
            node = nodes.get(key)
            if node is None or key in busy:
                return None
            state = (key, scope.grouped, scope.turn)
            if state not in known:
                busy.add(key)
                first, scope.alias_first = scope.alias_first, False
                try:
                    known[state] = self._reader.expressions.value(node, scope)
                finally:
                    busy.discard(key)
                    scope.alias_first = first
            return known[state]

        return find

    def _seen(
        self, node: exp.Select, entries: list[Entry], opened: tuple[Open, ...], scope: Scope
    ) -> Callable[[frozenset[str], object], bool]:
        """Return a function that says whether nothing leaves a SELECT but a window and values."""

        def among(values: frozenset[str], window: object) -> bool:
            if self._reader.dialect not in EQUAL_IS_ALIKE or opened or scope.grouped:
                return False
            # By what isn't selected as well it may be decided which rows are kept.
            if has(node, *_KEEPING):
                return False
            same = scope.following(values)
            for entry in entries:
                part = entry.value or (entry.node.unalias() if entry.node else None)
                if part is None or _is_made_of(part, window):
                    continue
                if self._is_among(part, values, same, scope):
                    continue
                if entry.value is None or not self._reader.is_unasked(entry.key):
                    return False
            return True

        return among

    def _specs(self, node: exp.Select, scope: Scope) -> Callable[[], list[str]]:
        """Return a function that lists the windows of a SELECT, QUALIFY's behind a mark.

        None where all divide and order its rows in one way.
        """
        known: list[list[str]] = []

        def specs() -> list[str]:
            if not known:
                known.append([])  # a window that orders by a window
                qualify = node.args.get("qualify")
                parts = [node.expressions, [qualify] if qualify else []]
                found = [
                    [w for part in some for w in part.find_all(exp.Window)
                     if w.find_ancestor(exp.Select) is node]
                    for some in parts
                ]  # fmt: skip
                with self._reader.unsaid():
                    read = [[self._reader.expressions.spec(w, scope) for w in s] for s in found]
                listed, asked = read
                if len({*listed, *asked}) > 1:
                    known[0] = [*listed, "qualify", *asked]
            return known[0]

        return specs

    def _is_among(
        self, part: exp.Expr | Value, values: frozenset[str], same: frozenset[str], scope: Scope
    ) -> bool:
        """Whether a part of a select list is one of some values, or the same in every row.

        Args:
            same: values that are one and the same wherever `values` are equal.
        """
        if isinstance(part, exp.Literal | exp.Boolean | exp.Null):
            return True
        if isinstance(part, exp.Expr):
            if not isinstance(part, exp.Column):
                return False
            part = self._reader.expressions.value(part, scope)
        told = part.id in same or (part.id in values and is_alike(part, self._reader.dialect))
        return told or part.id in (TRUE, FALSE) or scope.rows.have_null(part)

    def _columns(self, entries: list[Entry], opened: tuple[Open, ...], scope: Scope) -> Relation:
        columns: dict[str, Value] = {}
        unseen: list[str] = []
        makers: list[str] = []
        windows: list[str] = []
        bare, unknown = any(entry.value for entry in entries) or bool(opened), False
        for entry in entries:
            value = entry.value
            if entry.node is not None:
                look = Look()
                value = self._selected(entry.node, scope, look)
                makers += look.row_makers
                if look.row_makers:
                    scope.decide(look.edges, "unnest")
                if self._may_be_fields(entry.node, scope):
                    opened = (*opened, Open(h("fields", value.id), "", value.edges))
                bare, unknown = bare or look.bare, unknown or look.unknown
                unseen += [entry.key] if look.unknown else []
                if look.windows and value is not None:
                    windows.append(value.id)
            elif value is not None and scope.grouped and entry.key in scope.items[0].columns:
                value = scope.joined.get(entry.key) or next(
                    (i.columns[entry.key] for i in scope.items if entry.key in i.columns), value
                )
            if value is not None:
                certain = value.facts | scope.fact(value.id)
                named = replace(value, name=entry.name or value.name, facts=certain)
                put(columns, entry.key, named)
        if makers:
            scope.rows = Rows(h("rows made", scope.rows.id, *sorted(makers)))
            scope.seq = Rows(h("rows made", scope.seq.id, *sorted(makers)))
            scope.unique, scope.follows = frozenset(), ()
        if windows:  # computing them puts the rows in another order
            scope.seq = Rows(h("windowed", scope.seq.id, *windows))
        if unknown and not bare and not scope.grouped:
            _perhaps_aggregate(columns, unseen, scope)
        return Relation(
            columns, scope.rows, scope.seq, opened, scope.deciders, scope.reads, scope.unique,
            scope.width, (), scope.follows,
        )  # fmt: skip

    def _selected(self, node: exp.Expr, scope: Scope, look: Look) -> Value:
        value = self._reader.expressions.value(node, scope, look)
        if isinstance(node.unalias(), exp.Literal):
            # Beside others a column has the type it has, a literal one that suits them.
            text = node.unalias().args.get("is_string")
            facts = value.facts & ~SMALL
            type_ = TEXT if text else value.type
            return replace(value, id=h("column", value.id), type=type_, facts=facts)
        return value


def _require_plain(node: exp.Select, makes_rows: bool) -> None:
    """Make sure that nothing beside QUALIFY is worked out for other rows than it is."""
    if makes_rows:
        raise CannotReadError("UNNEST beside QUALIFY")
    parts = [node.args.get(key) for key in ("order", "distinct")]
    if any(isinstance(part, exp.Expr) and part.find(exp.Window) for part in parts):
        raise CannotReadError("a window in ORDER BY beside QUALIFY")


def _perhaps_aggregate(columns: dict[str, Value], unseen: list[str], scope: Scope) -> None:
    """Take columns of functions nobody knows, and no others, for what may be made of all rows."""
    whole = h("perhaps aggregated", scope.seq.id)
    scope.rows = scope.seq = Rows(whole)
    for key in unseen:
        columns[key] = columns[key].become(h(whole, columns[key].id))


# Where a cast without an alias isn't called as what it casts.
_CASTS_ARE_NAMED_ANEW = frozenset(("duckdb", "snowflake"))


def _is_made_of(part: exp.Expr | Value, window: object) -> bool:
    """Whether an expression is a window, or made of one and of nothing else that a row has."""
    if not isinstance(part, exp.Expr):
        return False
    parts = list(part.walk(prune=lambda one: one is window))
    rest = [one for one in parts if one is not window]
    return len(rest) < len(parts) and not any(isinstance(one, _OF_A_ROW) for one in rest)
