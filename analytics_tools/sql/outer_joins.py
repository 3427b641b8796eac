"""Outer joins whose extra rows a condition throws away: they are joins of a stricter kind.

``a left join b ... where b.x > 0`` keeps no row without a `b`: it is an inner join, and so it is
where the condition stands in the one query that reads the join, as a CTE. Told from the text alone:
by columns that a condition names with their table, and finds not null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from analytics_tools.sql.core import has
from analytics_tools.sql.expressions import COMPARE, STRICT

Key = Callable[[exp.Expr], str]


def stricter(node: exp.Select, key: Key, asked: frozenset[str] = frozenset()) -> dict[int, str]:
    """Return the joins of a SELECT, by their place, that are of another side than they say.

    Args:
        key: returns what an identifier folds to.
        asked: tables of the SELECT of which whoever reads it finds some column not null.
    """
    joins = node.args.get("joins") or ()
    if not any(_side(join) for join in joins):
        return {}
    where = node.args.get("where")
    needed = {*asked, *(_needed(where.this, key) if where is not None else ())}
    from_ = node.args.get("from_")
    names = [_name(from_.this, key) if from_ is not None else ""]
    names += [_name(join.this, key) for join in joins]
    if len(set(names)) < len(names) or "" in names:
        return {}
    found: dict[int, str] = {}
    for place in reversed(range(len(joins))):
        join = joins[place]
        side = _side(join)
        if join.args.get("method") or not (join.args.get("on") or join.args.get("using")):
            continue
        left, right = bool(needed & set(names[: place + 1])), names[place + 1] in needed
        kept = _kept(side, left, right)
        if kept != side:
            found[place] = kept
        if not kept and join.args.get("on") is not None and not join.args.get("kind"):
            needed |= _needed(join.args["on"], key)
    return found


def asked_of(tree: exp.Expr, key: Key) -> dict[int, frozenset[str]]:
    """Return by the id of a CTE's SELECT the tables in it that its one reader finds not null."""
    ctes: dict[str, list[exp.CTE]] = {}
    for cte in tree.find_all(exp.CTE):
        ctes.setdefault(key(cte.args["alias"].this), []).append(cte)
    if not ctes or not any(_side(join) for join in tree.find_all(exp.Join)):
        return {}
    reads: dict[str, list[exp.Table]] = {}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and key(table.this) in ctes:
            reads.setdefault(key(table.this), []).append(table)
    found = {}
    for name, tables in reads.items():
        if len(tables) > 1 or len(ctes[name]) > 1 or not _is_plain(ctes[name][0]):
            continue
        tables_of = _asked(tables[0], ctes[name][0].this, key)
        if tables_of:
            found[id(ctes[name][0].this)] = frozenset(tables_of)
    return found


def _is_plain(cte: exp.CTE) -> bool:
    """Whether a CTE only joins, filters and computes, row by row."""
    node = cte.this
    if not isinstance(node, exp.Select) or cte.args["alias"].args.get("columns"):
        return False
    said = {name for name, part in node.args.items() if part}
    if not said <= {"expressions", "from_", "joins", "where", "kind", "hint"}:
        return False
    rows = (exp.Window, exp.AggFunc, exp.AnonymousAggFunc, exp.Anonymous, exp.UDTF, exp.Query)
    return not any(part.find(*rows) for part in node.expressions)


def _asked(table: exp.Table, inner: exp.Select, key: Key) -> set[str]:
    """Return the tables inside of a CTE that the WHERE around a mention of it finds not null."""
    if any(part for name, part in table.args.items() if name not in ("this", "alias")):
        return set()
    around = table.find_ancestor(exp.Select)
    parts = (exp.From, exp.Join)
    if around is None or not isinstance(table.parent, parts) or table.parent.parent is not around:
        return set()
    where, joins = around.args.get("where"), around.args.get("joins") or ()
    if where is None or has(around, "laterals", "connect", "match"):
        return set()
    if not all(map(_is_by_row, joins)):
        return set()
    own = _tables_of_columns(inner, key)
    # A name without a table may be an alias of what is selected.
    aliases = {
        one.alias.lower()
        for one in around.expressions
        if isinstance(one, exp.Alias)
        and not (isinstance(one.this, exp.Column) and one.this.name.lower() == one.alias.lower())
    }
    found: set[str] = set()
    for column in _columns(where.this):
        name = column.name.lower()
        bare = not joins and name not in aliases
        if key(column.args["table"]) == _name(table, key) if column.table else bare:
            found |= own.get(name, set())
    return found


def _is_by_row(join: exp.Join) -> bool:
    """Whether what a join makes of a row doesn't hang on which other rows there are."""
    kind = str(join.args.get("kind") or "").upper()
    plain = kind in ("", "INNER", "OUTER", "CROSS") and not join.args.get("method")
    return plain and isinstance(join.this, exp.Table | exp.Subquery)


def _tables_of_columns(node: exp.Select, key: Key) -> dict[str, set[str]]:
    """Return by the name of a column the tables without which it is null.

    None if names may be there twice.
    """
    names = [one.alias_or_name.lower() for one in node.expressions]
    if any(one.is_star for one in node.expressions) or len(set(names)) < len(names):
        return {}
    return {
        name: {key(column.args["table"]) for column in _null_with(one.unalias()) if column.table}
        for name, one in zip(names, node.expressions, strict=True)
    }


def _kept(side: str, left: bool, right: bool) -> str:
    """Return the side of a join when no row without its left, or its right, is kept."""
    if side == "FULL":
        return {(True, False): "LEFT", (False, True): "RIGHT", (True, True): ""}.get(
            (left, right), side
        )
    if (side == "LEFT" and right) or (side == "RIGHT" and left):
        return ""
    return side


def _side(join: exp.Join) -> str:
    kind = str(join.args.get("kind") or "").upper()
    if kind not in ("", "OUTER", "INNER"):
        return ""
    return str(join.args.get("side") or "").upper()


def _name(node: exp.Expr, key: Key) -> str:
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.this is not None:
        return key(alias.this)
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return key(node.this)
    return ""


def _needed(condition: exp.Expr, key: Key) -> set[str]:
    """Return the tables of which a condition finds some column not null."""
    return {key(one.args["table"]) for one in _columns(condition) if len(one.parts) == 2}


def _columns(condition: exp.Expr) -> Iterator[exp.Column]:
    """Return the columns that a condition finds not null."""
    todo = [condition]
    while todo:
        one = todo.pop()
        if isinstance(one, exp.Paren):
            todo.append(one.this)
        elif isinstance(one, exp.And):
            todo += [one.left, one.right]
        else:
            yield from _strict(one)


def _strict(node: exp.Expr) -> Iterator[exp.Column]:
    turned = 0
    while isinstance(node, exp.Paren | exp.Not):
        turned += isinstance(node, exp.Not)
        node = node.this
    is_null = isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
    if not (isinstance(node, COMPARE) or (is_null and turned % 2)):
        return
    if node.args.get("symmetric") or node.find(exp.Any, exp.All):
        return
    if isinstance(node, exp.In) and turned and node.args.get("query"):
        return
    yield from _null_with(node.args.get("this"))
    if not isinstance(node, exp.In | exp.Is):
        yield from _null_with(node.args.get("expression"))


def _null_with(node: exp.Expr | None) -> Iterator[exp.Column]:
    """Return the columns of which each makes an expression null by being so."""
    todo = [node]
    while todo:
        one = todo.pop()
        if one is None:
            continue
        if isinstance(one, exp.Column) and len(one.parts) <= 2:
            yield one
        elif type(one) in STRICT:
            todo += [one.args.get("this"), one.args.get("expression")]
