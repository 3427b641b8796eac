"""FROM: tables, subqueries, joins, UNNEST and LATERAL, PIVOT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.sql.core import Look, has, told_of
from analytics_tools.sql.flags import FILLED
from analytics_tools.sql.joins import Joins
from analytics_tools.sql.outer_joins import stricter
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
    salted,
)
from analytics_tools.sql.scope import Scope, item_of

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

# What is read of a table in a FROM, or changes nothing. All else may name other rows of it: those
# of an earlier time, of a partition, of the table without its children.
_OF_TABLES = frozenset(
    ("this", "db", "catalog", "alias", "joins", "laterals", "pivots", "sample", "hints")
)
_SEES_LEFT = (exp.Lateral, exp.Unnest, exp.Explode, exp.TableFromRows)


class FromClause:
    """Reads what stands in a FROM into a scope."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._joins = Joins(reader)

    def read(self, node: exp.Select, scope: Scope) -> None:
        """Put everything in the FROM of a SELECT into `scope`, joined."""
        own = stricter(node, self._reader.key)
        asked = self._reader.asked.get(id(node))
        sides = stricter(node, self._reader.key, asked) if asked else own
        from_ = node.args.get("from_")
        if not sides and self._is_turned(node, scope):
            self._turn(node, scope)
            return
        if from_ is not None:
            self._add_first(from_.this, scope)
        for lateral in node.args.get("laterals") or ():
            self._lateral_view(lateral, scope)
        for place, join in enumerate(node.args.get("joins") or ()):
            self._join(join, scope, sides.get(place))
            if sides.get(place) != own.get(place):
                # The warehouse may join as it is written, and throw rows away later: the rows are
                # the same then, the order in which they come need not be.
                said = quoted(str(join.args.get("side")))
                scope.seq = Rows(h("joined as", said, scope.seq.id))

    def _is_turned(self, node: exp.Select, scope: Scope) -> bool:
        """Whether a join of two tables is read the other way round.

        ``a right join b`` is ``b left join a``, and the sides of an inner join may stand either
        way: what reads the nodes that come first in the alphabet is then read first. Unless a bare
        star lists the columns of both.
        """
        from_, joins = node.args.get("from_"), node.args.get("joins") or []
        if from_ is None or len(joins) != 1 or node.args.get("laterals"):
            return False
        first, join = from_.this, joins[0]
        if not (_is_plain_table(first) and _is_plain_table(join.this) and join.args.get("on")):
            return False
        if {key for key, part in join.args.items() if part} - {"this", "on", "side", "kind"}:
            return False
        side, kind = (str(join.args.get(key) or "").lower() for key in ("side", "kind"))
        if side or kind not in ("", "inner"):
            return side == "right" and kind in ("", "outer") and not _lists_all(node)
        around = Scope(parent=scope.parent)
        read, other = (sorted(self.relation(one, around).reads) for one in (first, join.this))
        return bool(other) and other < read and not _lists_all(node)

    def _turn(self, node: exp.Select, scope: Scope) -> None:
        join = node.args["joins"][0]
        self._add_first(join.this, scope)
        other = node.args["from_"].this
        relation = self.relation(other, scope)
        way = "left" if join.args.get("side") else "inner"
        self._joins.put(scope, item_of(self._alias(other), relation), relation, way, join)
        # The rows are the same, the order in which they come need not be.
        scope.seq = Rows(h("turned", scope.seq.id))

    def over(self, relation: Relation, key: str, parent: Scope | None) -> Scope:
        """Return a scope with one thing in it."""
        return Scope(
            [item_of(key, relation)],
            relation.rows,
            relation.seq,
            dict(relation.deciders),
            relation.reads,
            relation.unique,
            relation.follows,
            relation.width,
            parent,
        )

    def _add_first(self, node: exp.Expr, scope: Scope) -> None:
        relation = self.relation(node, scope)
        first = self.over(relation, self._alias(node), scope.parent)
        scope.items, scope.rows, scope.seq = first.items, first.rows, first.seq
        scope.deciders, scope.reads = first.deciders, first.reads
        scope.unique, scope.width = first.unique, first.width
        scope.follows = first.follows
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
        if isinstance(node, exp.Table):
            told = [told_of(node, k) for k, v in node.args.items() if v and k not in _OF_TABLES]
            made = salted(made, "told", *told) if told else made
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
            return salted(self.relation(node.this, scope), "final")
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
        self._name_settings(plain, scope)
        made = self._reader.expressions.id(plain, scope, look)
        base = h("made", made)
        edges: dict[Leaf, How] = {}
        merge(edges, look.edges, How.COMPUTED)
        alias = node.args.get("alias")
        listed = list(alias.args.get("columns") or ()) if isinstance(alias, exp.TableAlias) else []
        offset = node.args.get("offset")
        if isinstance(offset, exp.Identifier):
            listed.append(offset)
        is_series = isinstance(call, exp.GenerateSeries | exp.ExplodingGenerateSeries)
        certain = FILLED if is_series else 0
        columns = {
            self._reader.key(name): Value(
                h("made column", base, str(place)), name.name, edges, facts=certain
            )
            for place, name in enumerate(listed)
        }
        if not columns and isinstance(alias, exp.TableAlias) and alias.this is not None:
            key = self._reader.key(alias.this)
            columns = {key: Value(h("made column", base, "0"), alias.this.name, edges)}
            if isinstance(call, exp.Unnest | exp.Explode | exp.Lateral):
                columns = {}
        opened = (Open(base, "", edges),)
        if is_series and not alias and self._reader.dialect == "duckdb":
            name = "range" if call.args.get("is_end_exclusive") else "generate_series"
            columns = {name: replace(opened[0].get(name, name), facts=certain)}
        deciders = decided(by=edges, way="join")
        return Relation(columns, Rows(base), Rows(base), opened, deciders)

    def _name_settings(self, call: exp.Expr, scope: Scope) -> None:
        """Tell settings by name from comparisons: ``read_csv('a.csv', header = true)``."""
        if self._reader.dialect != "duckdb":
            return
        for part in call.expressions:
            name = part.this if isinstance(part, exp.EQ) else None
            if not isinstance(name, exp.Column) or len(name.parts) > 1:
                continue
            key = self._reader.key(name.this)
            if not any(key in item.columns or item.open for item in scope.items):
                part.replace(exp.Kwarg(this=exp.var(name.name), expression=part.expression))

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
                key, name = self._reader.key(listed[place]), self._reader.spelled(listed[place])
            columns[key] = Value(h("value", *(row[place] for row in ids if place < len(row))), name)
        return Relation(columns, Rows(base), Rows(base))

    # -- joins ---------------------------------------------------------------------------------

    def _lateral_view(self, node: exp.Expr, scope: Scope) -> None:
        relation = self.relation(node, scope)
        kind = "left" if node.args.get("outer") else "cross"
        self._joins.put(scope, item_of(self._alias(node), relation), relation, kind)

    def _join(self, node: exp.Join, scope: Scope, stricter_side: str | None = None) -> None:
        side, kind = (str(node.args.get(key) or "").lower() for key in ("side", "kind"))
        if stricter_side is not None:
            scope.seq = replace(scope.seq, base=h("told", side, scope.seq.base))
            side, kind = stricter_side.lower(), ""
        if isinstance(node.this, exp.Lateral) and node.this.args.get("cross_apply") is False:
            side = "left"  # OUTER APPLY
        method = str(node.args.get("method") or "").lower()
        if kind == "array":  # ClickHouse's ARRAY JOIN replaces columns of the row it stands in
            scope.rows = Rows(h("array join", scope.seq.id, self._text(node, scope)))
            scope.seq = scope.rows
            scope.wrap("array join", scope.rows.id)
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
        self._joins.put(scope, item, relation, way, node, natural=method == "natural")
        for more in node.this.args.get("joins") or ():
            self._join(more, scope)
        for lateral in node.this.args.get("laterals") or ():
            self._lateral_view(lateral, scope)

    def _text(self, node: exp.Expr, scope: Scope) -> str:
        return self._reader.expressions.id(node.this, scope, Look())


def _lists_all(node: exp.Select) -> bool:
    """Whether a SELECT lists columns of all that is joined, in its order, by a star."""
    return any(
        isinstance(part, exp.Columns) or not isinstance(part.parent, exp.Column | exp.Count)
        for one in node.expressions
        for part in one.find_all(exp.Star, exp.Columns)
    )


def _is_plain_table(node: exp.Expr) -> bool:
    """Whether a thing in a FROM is a table, or a CTE, and nothing is said of it but an alias."""
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        return False
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.args.get("columns"):
        return False
    return not {k for k, v in node.args.items() if v} - {"this", "db", "catalog", "alias"}


def _is_call(node: exp.Expr) -> bool:
    return isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier)


def _bare(node: exp.Expr) -> exp.Expr:
    """Return a subquery without the joins that stand after it: these are read by the caller."""
    if not isinstance(node, exp.Subquery):
        return node
    inner: exp.Expr = node.this
    if not has(node, "order", "limit", "offset", "where", "with_"):
        return inner
    plain = node.copy()
    for key in ("joins", "pivots", "laterals", "alias"):
        plain.set(key, None)
    return plain
