"""Outer joins whose extra rows a condition throws away: they are joins of a stricter kind.

``a left join b ... where b.x > 0`` keeps no row without a `b`: it is an inner join. Told from the
text alone: by columns that a condition names with their table, and finds not null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from analytics_tools.sql.expressions import COMPARE, STRICT

Key = Callable[[exp.Expr], str]


def stricter(node: exp.Select, key: Key) -> dict[int, str]:
    """Return the joins of a SELECT, by their place, that are of another side than they say.

    Args:
        key: returns what an identifier folds to.
    """
    joins = node.args.get("joins") or ()
    if not any(_side(join) for join in joins):
        return {}
    where = node.args.get("where")
    needed = _needed(where.this, key) if where is not None else set()
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
    found: set[str] = set()
    todo = [condition]
    while todo:
        one = todo.pop()
        if isinstance(one, exp.Paren):
            todo.append(one.this)
        elif isinstance(one, exp.And):
            todo += [one.left, one.right]
        else:
            found |= {key(table) for table in _strict(one)}
    return found


def _strict(node: exp.Expr) -> Iterator[exp.Expr]:
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
    todo = [node.args.get("this")]
    if not isinstance(node, exp.In | exp.Is):
        todo.append(node.args.get("expression"))
    while todo:
        one = todo.pop()
        if one is None:
            continue
        if isinstance(one, exp.Column) and len(one.parts) == 2:
            yield one.args["table"]
        elif type(one) in STRICT:
            todo += [one.args.get("this"), one.args.get("expression")]
