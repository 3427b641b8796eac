"""Edits of a query that change its looks alone, or are meant to."""

from __future__ import annotations

import random

from sqlglot import exp


def pick(tree: exp.Expr, rng: random.Random, *kinds: type[exp.Expr]) -> exp.Expr | None:
    """Choose one node of some kinds."""
    found = list(tree.find_all(*kinds))
    return rng.choice(found) if found else None


def reformat(tree: exp.Expr, rng: random.Random) -> bool:
    """Only the layout: the tree is written anew, with a comment."""
    del rng
    tree.add_comments(["laid out anew"])
    return True


def rename_cte(tree: exp.Expr, rng: random.Random) -> bool:
    """Call a CTE something else, wherever it is mentioned."""
    cte = pick(tree, rng, exp.CTE)
    if cte is None or not isinstance(cte, exp.CTE):
        return False
    old, new = cte.alias, cte.alias + "_x"
    for table in tree.find_all(exp.Table):
        if table.name == old and not table.args.get("db"):
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(old)))
            table.set("this", exp.to_identifier(new))
    cte.args["alias"].set("this", exp.to_identifier(new))
    return True


def rename_alias(tree: exp.Expr, rng: random.Random) -> bool:
    """Call a joined table something else, within one SELECT."""
    select = pick(tree, rng, exp.Select)
    tables = [
        one
        for one in (select.find_all(exp.Table) if select else ())
        if one.alias and one.find_ancestor(exp.Select) is select
    ]
    if not tables or select is None:
        return False
    table = rng.choice(tables)
    old, new = table.alias, table.alias + "_y"
    for column in select.find_all(exp.Column):
        if column.table == old:
            column.set("table", exp.to_identifier(new))
    table.args["alias"].set("this", exp.to_identifier(new))
    return True


def swap_conditions(tree: exp.Expr, rng: random.Random) -> bool:
    """Turn an AND or OR round."""
    node = pick(tree, rng, exp.And, exp.Or)
    if node is None:
        return False
    left, right = node.args["this"].copy(), node.args["expression"].copy()
    node.set("this", right)
    node.set("expression", left)
    return True


def turn_comparison(tree: exp.Expr, rng: random.Random) -> bool:
    """Write ``a < b`` as ``b > a``."""
    node = pick(tree, rng, exp.LT, exp.LTE, exp.GT, exp.GTE)
    if node is None:
        return False
    other = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}[type(node)]
    node.replace(other(this=node.args["expression"].copy(), expression=node.args["this"].copy()))
    return True


def wrap_in_cte(tree: exp.Expr, rng: random.Random) -> bool:
    """Give the last SELECT a name and select everything from it."""
    del rng
    if not isinstance(tree, exp.Select) or tree.args.get("order") or tree.args.get("limit"):
        return False
    body = tree.copy()
    body.set("with_", None)
    with_ = tree.args.get("with_") or exp.With(expressions=[])
    for key in list(tree.args):
        tree.set(key, None)
    with_.append(
        "expressions",
        exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier("wrapped_"))),
    )
    tree.set("with_", with_)
    tree.set("expressions", [exp.Star()])
    tree.set("from_", exp.From(this=exp.to_table("wrapped_")))
    return True


def split_between(tree: exp.Expr, rng: random.Random) -> bool:
    """Write BETWEEN as its two comparisons."""
    node = pick(tree, rng, exp.Between)
    if node is None:
        return False
    one, low, high = (node.args[key].copy() for key in ("this", "low", "high"))
    both = exp.And(
        this=exp.GTE(this=one, expression=low), expression=exp.LTE(this=one.copy(), expression=high)
    )
    node.replace(exp.Paren(this=both))
    return True


def turn_list(tree: exp.Expr, rng: random.Random) -> bool:
    """Turn the list of an IN round."""
    node = pick(tree, rng, exp.In)
    if node is None or len(node.expressions) < 2:
        return False
    node.set("expressions", [one.copy() for one in reversed(node.expressions)])
    return True


def spell_out(tree: exp.Expr, rng: random.Random) -> bool:
    """Put the name of the table before a column, where there is only one."""
    select = pick(tree, rng, exp.Select)
    from_ = select.args.get("from_") if select else None
    if select is None or from_ is None or select.args.get("joins"):
        return False
    name = from_.this.alias_or_name
    columns = [
        one
        for one in select.find_all(exp.Column)
        if not one.table and one.name != "*" and one.find_ancestor(exp.Select) is select
    ]
    aliases = {one.alias for one in select.expressions if isinstance(one, exp.Alias)}
    columns = [one for one in columns if one.name not in aliases and "jinja" not in one.name]
    if not columns or not name or "jinja" in name:
        return False
    rng.choice(columns).set("table", exp.to_identifier(name))
    return True
