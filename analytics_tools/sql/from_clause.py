"""FROM: tables, subqueries, joins, UNNEST and LATERAL, PIVOT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from analytics_tools.sql.expressions import Look
from analytics_tools.sql.pivot import pivoted
from analytics_tools.sql.relation import (
    How,
    Leaf,
    Open,
    Relation,
    Rows,
    Value,
    decided,
    h,
    merge,
    quoted,
)
from analytics_tools.sql.scope import Item, Scope, either, item_of

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

_SEES_LEFT = (exp.Lateral, exp.Unnest, exp.Explode, exp.TableFromRows)


class FromClause:
    """Reads what stands in a FROM into a scope."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, node: exp.Select, scope: Scope) -> None:
        """Put everything in the FROM of a SELECT into `scope`, joined."""
        from_ = node.args.get("from_")
        if from_ is not None:
            self._add_first(from_.this, scope)
        for lateral in node.args.get("laterals") or ():
            self._lateral_view(lateral, scope)
        for join in node.args.get("joins") or ():
            self._join(join, scope)

    def over(self, relation: Relation, key: str, parent: Scope | None) -> Scope:
        """Return a scope with one thing in it."""
        return Scope(
            [item_of(key, relation)],
            relation.rows,
            relation.seq,
            dict(relation.deciders),
            relation.reads,
            relation.unique,
            relation.width,
            parent,
        )

    def _add_first(self, node: exp.Expr, scope: Scope) -> None:
        relation = self.relation(node, scope)
        first = self.over(relation, self._alias(node), scope.parent)
        scope.items, scope.rows, scope.seq = first.items, first.rows, first.seq
        scope.deciders, scope.reads = first.deciders, first.reads
        scope.unique, scope.width = first.unique, first.width
        for join in node.args.get("joins") or ():
            self._join(join, scope)
        for lateral in node.args.get("laterals") or ():
            self._lateral_view(lateral, scope)

    def _alias(self, node: exp.Expr) -> str:
        alias = node.args.get("alias")
        if isinstance(alias, exp.TableAlias) and alias.this is not None:
            return self._reader.key(alias.this)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            return self._reader.key(node.this)
        return ""

    # -- things --------------------------------------------------------------------------------

    def relation(self, node: exp.Expr, scope: Scope) -> Relation:
        """Return what one thing in a FROM is. Raises CannotReadError."""
        made = self._thing(node, scope)
        alias = node.args.get("alias")
        for pivot in node.args.get("pivots") or ():
            made = pivoted(self._reader, pivot, made, scope.parent)
            alias = pivot.args.get("alias") or None
        names = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
        if names and not isinstance(node, (*_SEES_LEFT, exp.Values)) and not _is_call(node):
            made = self._reader.renamed(made, names)
        sample = node.args.get("sample")
        if sample is not None:
            self._reader.volatile = True
            rows = Rows(h("sample", made.seq.id, quoted(sample.sql())))
            made = replace(made, rows=rows, seq=rows, branches=())
        return made

    def _thing(self, node: exp.Expr, scope: Scope) -> Relation:
        if isinstance(node, exp.Table):
            if isinstance(node.this, exp.Identifier):
                bare = not node.args.get("db") and not node.args.get("catalog")
                cte = self._reader.cte(self._reader.key(node.this)) if bare else None
                if cte is None and bare and scope.item(self._reader.key(node.this)):
                    return self._made(node, node.this, scope)
                return cte or self._reader.tables(node)
            return self._made(node, node.this, scope)
        if isinstance(node, exp.Final):
            return self.relation(node.this, scope)
        if isinstance(node, exp.Values):
            return self.values(node, scope.parent)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            return self._reader.query(node.this, scope)
        if isinstance(node, exp.Query):
            return self._reader.query(_bare(node), scope.parent)
        if isinstance(node, exp.Paren):
            return self.relation(node.this, scope)
        return self._made(node, node, scope)

    def _made(self, node: exp.Expr, call: exp.Expr, scope: Scope) -> Relation:
        """Return what a table function, an UNNEST or a LATERAL yields."""
        look = Look()
        plain = call.copy()
        plain.set("alias", None)
        # Array columns named in a FROM read like tables.
        if isinstance(plain, exp.Identifier):
            plain = exp.Column(this=plain)
        made = self._reader.expressions.id(plain, scope, look)
        base = h("made", made)
        edges: dict[Leaf, How] = {}
        merge(edges, look.edges, How.COMPUTED)
        alias = node.args.get("alias")
        listed = list(alias.args.get("columns") or ()) if isinstance(alias, exp.TableAlias) else []
        offset = node.args.get("offset")
        if isinstance(offset, exp.Identifier):
            listed.append(offset)
        columns = {
            self._reader.key(name): Value(h("made column", base, str(place)), name.name, edges)
            for place, name in enumerate(listed)
        }
        if not columns and isinstance(alias, exp.TableAlias) and alias.this is not None:
            key = self._reader.key(alias.this)
            columns = {key: Value(h("made column", base, "0"), alias.this.name, edges)}
            if isinstance(call, exp.Unnest | exp.Explode | exp.Lateral):
                columns = {}
        opened = (Open(base, "", edges),)
        deciders = decided(by=edges, way="join")
        return Relation(columns, Rows(base), Rows(base), opened, deciders)

    def values(self, node: exp.Values, parent: Scope | None) -> Relation:
        """Return a VALUES list as a relation."""
        look, scope = Look(), Scope(parent=parent)
        rows = [
            part.expressions if isinstance(part, exp.Tuple) else [part] for part in node.expressions
        ]
        ids = [[self._reader.expressions.id(one, scope, look) for one in row] for row in rows]
        base = h("values", *(h("row", *row) for row in ids))
        alias = node.args.get("alias")
        listed = (alias.args.get("columns") or []) if isinstance(alias, exp.TableAlias) else []
        columns: dict[str, Value] = {}
        for place in range(len(ids[0]) if ids else 0):
            default = {"snowflake": f"COLUMN{place + 1}", "duckdb": f"col{place}"}
            name = default.get(self._reader.dialect, f"column{place + 1}")
            key = name
            if place < len(listed):
                key, name = self._reader.key(listed[place]), listed[place].name
            columns[key] = Value(h("value", *(row[place] for row in ids if place < len(row))), name)
        return Relation(columns, Rows(base), Rows(base))

    # -- joins ---------------------------------------------------------------------------------

    def _lateral_view(self, node: exp.Expr, scope: Scope) -> None:
        relation = self.relation(node, scope)
        kind = "left" if node.args.get("outer") else "cross"
        self._put(scope, item_of(self._alias(node), relation), relation, kind, frozenset())

    def _join(self, node: exp.Join, scope: Scope) -> None:
        side, kind = (str(node.args.get(key) or "").lower() for key in ("side", "kind"))
        method = str(node.args.get("method") or "").lower()
        if kind == "array":  # ClickHouse's ARRAY JOIN replaces columns of the row it stands in
            scope.rows = Rows(h("array join", scope.seq.id, self._text(node, scope)))
            scope.seq = scope.rows
            for item in scope.items:
                item.wrap("array join", scope.rows.id)
            relation = self._made(node.this, node.this, scope)
        else:
            relation = self.relation(node.this, scope)
        if not scope.items:
            self._add_first(node.this, scope)
            return
        item = item_of(self._alias(node.this), relation)
        inner = not side and not method and kind in ("", "inner", "cross", "straight")
        way = "inner" if inner else " ".join(part for part in (method, side, kind) if part)
        if method == "natural":
            way = way.replace("natural", "").strip() or "inner"
        self._put(scope, item, relation, way, frozenset(), node, natural=method == "natural")
        for more in node.this.args.get("joins") or ():
            self._join(more, scope)
        for lateral in node.this.args.get("laterals") or ():
            self._lateral_view(lateral, scope)

    def _text(self, node: exp.Expr, scope: Scope) -> str:
        return self._reader.expressions.id(node.this, scope, Look())

    def _put(
        self,
        scope: Scope,
        item: Item,
        relation: Relation,
        way: str,
        conditions: frozenset[str],
        node: exp.Join | None = None,
        natural: bool = False,
    ) -> None:
        """Join one more thing to those in `scope`."""
        left = list(scope.items)
        place = str(scope.width)
        looked_up = self._looked_up(scope, item, relation, way, node, natural)
        if looked_up:
            item.wrap("lookup", looked_up)
            scope.items.append(item)
            self._on(scope, item, left, node, natural)
            # The rows are those they were; the order in which they come may be another.
            seq = scope.seq
            scope.seq = Rows(h("looked up", seq.base, looked_up, place), seq.conditions)
        else:
            item.wrap("of", place)
            if "right" in way or "full" in way:
                for one in left:
                    one.wrap("or null", place)
            scope.items.append(item)
            conditions = self._on(scope, item, left, node, natural)
            self._rows(scope, relation, way, place, conditions)
            scope.unique = frozenset()
        if "full" in way or "right" in way:
            self._merge_sides(item, left, "full" in way)
        scope.width += relation.width
        scope.deciders = decided(scope.deciders, relation.deciders)
        scope.reads = scope.reads | relation.reads
        if "semi" in way or "anti" in way:
            scope.items.pop()

    def _rows(
        self, scope: Scope, relation: Relation, way: str, place: str, conditions: frozenset[str]
    ) -> None:
        rows, seq = scope.rows, scope.seq
        if way in ("inner", "cross"):
            both = rows.conditions | conditions
            scope.rows = Rows(h("join", "inner", rows.base, relation.rows.id, place), both)
            scope.seq = Rows(h("join", "inner", seq.base, relation.seq.id, place), both)
            return
        on = sorted(conditions)
        if way in ("left", "left outer"):
            made = h("join", "left", rows.base, relation.rows.id, place, *on)
            scope.rows = Rows(made, rows.conditions)
            made = h("join", "left", seq.base, relation.seq.id, place, *on)
            scope.seq = Rows(made, seq.conditions)
            return
        plain = {"right outer": "right", "full outer": "full"}.get(way, way)
        by_order = not ({"right", "full", "semi", "anti"} & set(plain.split()))
        first = (seq.id, relation.seq.id) if by_order else (rows.id, relation.rows.id)
        scope.rows = Rows(h("join", quoted(plain), *first, place, *on))
        scope.seq = Rows(h("join", quoted(plain), seq.id, relation.seq.id, place, *on))

    def _on(
        self,
        scope: Scope,
        item: Item,
        left: list[Item],
        node: exp.Join | None,
        natural: bool,
    ) -> frozenset[str]:
        """Return the conditions of a join, and note what they read."""
        if node is None:
            return frozenset()
        look = Look()
        found: frozenset[str] = frozenset()
        for key, name in self._shared(item, left, node, natural):
            sides = [self._of_left(left, key, name), item.get(key, name)]
            ids = sorted(side.id for side in sides if side is not None)
            found |= {h("EQ", *ids)}
            for side in sides:
                merge(look.edges, side.edges if side else {}, How.COMPUTED)
            item.merged.add(key)
        for part in (node.args.get("on"), node.args.get("match_condition")):
            if part is not None:
                found |= self._reader.expressions.conditions(part, scope, look)
        scope.decide(look.edges, "join")
        return found

    def _shared(
        self, item: Item, left: list[Item], node: exp.Join, natural: bool
    ) -> list[tuple[str, str]]:
        if natural:
            if item.open or any(one.open for one in left):
                from analytics_tools.sql.query import CannotReadError

                raise CannotReadError("a NATURAL JOIN of unknown columns")
            return [
                (key, value.name)
                for key, value in item.columns.items()
                if any(key in one.columns for one in left)
            ]
        using = node.args.get("using") or ()
        return [(self._reader.key(_identifier(part)), part.name) for part in using]

    @staticmethod
    def _of_left(left: list[Item], key: str, name: str) -> Value | None:
        found = [value for one in left if (value := one.get(key, name)) is not None]
        listed = [one.columns[key] for one in left if key in one.columns]
        return listed[0] if listed else either(found, name) if found else None

    def _merge_sides(self, item: Item, left: list[Item], full: bool) -> None:
        """Give a USING column of a RIGHT or FULL join the value it has there."""
        for key in item.merged:
            other = item.columns.get(key)
            for one in left:
                mine = one.columns.get(key)
                if mine is None or other is None:
                    continue
                edges: dict[Leaf, How] = dict(mine.edges)
                merge(edges, other.edges, How.COPIED)
                made = h("coalesce", mine.id, other.id) if full else other.id
                one.columns[key] = Value(made, mine.name, edges, mine.type)

    def _looked_up(
        self,
        scope: Scope,
        item: Item,
        relation: Relation,
        way: str,
        node: exp.Join | None,
        natural: bool,
    ) -> str:
        """Return an id when a LEFT JOIN finds at most one row: it then leaves the rows alone."""
        if way not in ("left", "left outer") or not relation.unique or node is None or natural:
            return ""
        trial = Item(item.key, dict(item.columns), item.open, item.reads)
        trial.wrap("found", relation.rows.id)
        inside = Scope(
            [*scope.items, trial], parent=scope.parent, locals=scope.locals, grouped=None
        )
        left = list(scope.items)
        before = len(self._reader.problems), len(self._reader.clashes)
        conditions = self._on(inside, trial, left, node, natural)
        del self._reader.problems[before[0] :], self._reader.clashes[before[1] :]
        matched = self._matched(node, item, trial, left)
        if not any(key <= matched for key in relation.unique):
            return ""
        return h("lookup", relation.rows.id, *sorted(conditions))

    def _matched(self, node: exp.Join, item: Item, trial: Item, left: list[Item]) -> frozenset[str]:
        """Return the ids of the columns that a join sets equal to something on its left."""
        del trial
        found = set()
        for part in node.args.get("using") or ():
            value = item.columns.get(self._reader.key(_identifier(part)))
            if value is not None:
                found.add(value.id)
        on = node.args.get("on")
        for one in on.flatten() if isinstance(on, exp.And) else [on] if on is not None else []:
            while isinstance(one, exp.Paren):
                one = one.this
            if not isinstance(one, exp.EQ):
                continue
            for mine, other in ((one.left, one.right), (one.right, one.left)):
                value = self._mine(mine, item, left)
                if value is not None and not self._reads_item(other, item):
                    found.add(value.id)
        return frozenset(found)

    def _mine(self, node: exp.Expr, item: Item, left: list[Item]) -> Value | None:
        if not isinstance(node, exp.Column) or len(node.parts) > 2:
            return None
        if len(node.parts) == 2 and self._reader.key(node.parts[0]) != item.key:
            return None
        key = self._reader.key(node.this)
        if len(node.parts) == 1 and any(key in one.columns or one.open for one in left):
            return None
        return item.columns.get(key)

    def _reads_item(self, node: exp.Expr, item: Item) -> bool:
        if node.find(exp.Query):
            return True
        for column in node.find_all(exp.Column):
            if len(column.parts) == 1:
                if self._reader.key(column.this) in item.columns or item.open:
                    return True
            elif self._reader.key(column.parts[0]) == item.key:
                return True
        return False


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _is_call(node: exp.Expr) -> bool:
    return isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier)


def _bare(node: exp.Expr) -> exp.Expr:
    """Return a subquery without the joins that stand after it: these are read by the caller."""
    if not isinstance(node, exp.Subquery):
        return node
    inner: exp.Expr = node.this
    if not any(node.args.get(key) for key in ("order", "limit", "offset", "where", "with_")):
        return inner
    plain = node.copy()
    for key in ("joins", "pivots", "laterals", "alias"):
        plain.set(key, None)
    return plain
