"""Edits of a query that change what it says; whether the data shows it is for builds to tell."""

from __future__ import annotations

import random

from sqlglot import exp

from benchmarks.truth.looks import pick


def add_column(tree: exp.Expr, rng: random.Random) -> bool:
    """Select one more thing at the end."""
    select = tree if isinstance(tree, exp.Select) else None
    if select is None or select.args.get("distinct") or select.args.get("group"):
        return False
    name = f"added_{rng.randrange(1000)}"
    select.append("expressions", exp.alias_(exp.Literal.number(rng.randrange(9)), name))
    return True


def drop_column(tree: exp.Expr, rng: random.Random) -> bool:
    """Select one thing less, anywhere."""
    select = pick(tree, rng, exp.Select)
    if select is None or len(select.expressions) < 2:
        return False
    kept = list(select.expressions)
    kept.pop(rng.randrange(len(kept)))
    select.set("expressions", kept)
    return True


def swap_columns(tree: exp.Expr, rng: random.Random) -> bool:
    """Exchange two things in a select list, names included."""
    select = pick(tree, rng, exp.Select)
    if select is None or len(select.expressions) < 2:
        return False
    kept = list(select.expressions)
    one, two = rng.sample(range(len(kept)), 2)
    kept[one], kept[two] = kept[two], kept[one]
    select.set("expressions", kept)
    return True


def rename_column(tree: exp.Expr, rng: random.Random) -> bool:
    """Give an output another name."""
    aliases = [a for a in tree.find_all(exp.Alias) if isinstance(a.parent, exp.Select)]
    if not aliases:
        return False
    alias = rng.choice(aliases)
    alias.set("alias", exp.to_identifier(alias.alias + "_z"))
    return True


def change_constant(tree: exp.Expr, rng: random.Random) -> bool:
    """Write another number or text."""
    node = pick(tree, rng, exp.Literal)
    if not isinstance(node, exp.Literal) or isinstance(node.parent, exp.DataTypeParam):
        return False
    if node.is_string:
        node.set("this", str(node.this) + "x" if rng.random() < 0.5 else str(node.this).upper())
    else:
        node.set("this", str(rng.choice([0, 1, 2, 3, 5, 10, 100])))
    return True


def change_operator(tree: exp.Expr, rng: random.Random) -> bool:
    """Put another comparison."""
    node = pick(tree, rng, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
    if node is None:
        return False
    kinds = [k for k in (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE) if k is not type(node)]
    parts = {"this": node.args["this"].copy(), "expression": node.args["expression"].copy()}
    node.replace(rng.choice(kinds)(**parts))
    return True


def add_filter(tree: exp.Expr, rng: random.Random) -> bool:
    """Ask that some column of a SELECT isn't null."""
    select = pick(tree, rng, exp.Select)
    columns = [c for c in (select.find_all(exp.Column) if select else ()) if c.name != "*"]
    columns = [c for c in columns if c.find_ancestor(exp.Select) is select]
    if not columns or not isinstance(select, exp.Select):
        return False
    column = rng.choice(columns).copy()
    condition: exp.Expr = exp.Not(this=exp.Is(this=column, expression=exp.Null()))
    if rng.random() < 0.4:
        condition = exp.EQ(this=column.copy(), expression=column.copy())
    where = select.args.get("where")
    both = exp.And(this=where.this.copy(), expression=condition) if where else condition
    select.set("where", exp.Where(this=both))
    return True


def drop_filter(tree: exp.Expr, rng: random.Random) -> bool:
    """Take a WHERE, HAVING or QUALIFY away."""
    node = pick(tree, rng, exp.Where, exp.Having, exp.Qualify)
    if node is None or node.find_ancestor(exp.Filter):
        return False
    node.pop()
    return True


def change_join(tree: exp.Expr, rng: random.Random) -> bool:
    """Make a join of another kind."""
    node = pick(tree, rng, exp.Join)
    if node is None or not (node.args.get("on") or node.args.get("using")):
        return False
    node.set("kind", None)
    node.set("side", rng.choice(["LEFT", "RIGHT", "FULL", None]))
    return True


def change_aggregate(tree: exp.Expr, rng: random.Random) -> bool:
    """Aggregate in another way."""
    node = pick(tree, rng, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Count)
    if node is None or isinstance(node.this, exp.Star | exp.Distinct) or node.this is None:
        return False
    kinds = [k for k in (exp.Min, exp.Max, exp.Count, exp.AnyValue) if k is not type(node)]
    node.replace(rng.choice(kinds)(this=node.this.copy()))
    return True


def count_distinct(tree: exp.Expr, rng: random.Random) -> bool:
    """Count each value once."""
    node = pick(tree, rng, exp.Count, exp.Sum)
    if node is None or node.this is None or isinstance(node.this, exp.Star | exp.Distinct):
        return False
    node.set("this", exp.Distinct(expressions=[node.this.copy()]))
    return True


def toggle_distinct(tree: exp.Expr, rng: random.Random) -> bool:
    """Add or remove DISTINCT."""
    select = pick(tree, rng, exp.Select)
    if select is None:
        return False
    select.set("distinct", None if select.args.get("distinct") else exp.Distinct())
    return True


def add_limit(tree: exp.Expr, rng: random.Random) -> bool:
    """Keep some rows only."""
    if not isinstance(tree, exp.Select | exp.SetOperation):
        return False
    tree.set("limit", exp.Limit(expression=exp.Literal.number(rng.choice([1, 2, 3, 50]))))
    return True


def wrap_coalesce(tree: exp.Expr, rng: random.Random) -> bool:
    """Replace NULL by nought in a bare select item, or take a COALESCE off."""
    found = [c for c in tree.find_all(exp.Coalesce) if c.expressions]
    if found and rng.random() < 0.5:
        node = rng.choice(found)
        node.replace(node.this.copy())
        return True
    items = [a for a in tree.find_all(exp.Alias) if isinstance(a.parent, exp.Select)]
    if not items:
        return False
    item = rng.choice(items)
    zero: exp.Expr = exp.Literal.number(0)
    item.set("this", exp.Coalesce(this=item.this.copy(), expressions=[zero]))
    return True


def change_cast(tree: exp.Expr, rng: random.Random) -> bool:
    """Cast to another type, or cast what wasn't."""
    node = pick(tree, rng, exp.Cast)
    if node is not None and rng.random() < 0.6:
        node.set(
            "to", exp.DataType.build(rng.choice(["int", "varchar", "double", "decimal(18,1)"]))
        )
        return True
    items = [a for a in tree.find_all(exp.Alias) if isinstance(a.parent, exp.Select)]
    if not items:
        return False
    item = rng.choice(items)
    item.set("this", exp.cast(item.this.copy(), rng.choice(["varchar", "double"])))
    return True


def change_group(tree: exp.Expr, rng: random.Random) -> bool:
    """Group by one thing less."""
    node = pick(tree, rng, exp.Group)
    if node is None or len(node.expressions) < 2:
        return False
    kept = list(node.expressions)
    kept.pop(rng.randrange(len(kept)))
    node.set("expressions", kept)
    return True


def change_window(tree: exp.Expr, rng: random.Random) -> bool:
    """Order or partition a window in another way, or give it a frame."""
    node = pick(tree, rng, exp.Window)
    if not isinstance(node, exp.Window):
        return False
    choice = rng.random()
    order = node.args.get("order")
    if choice < 0.4 and order is not None:
        first = order.expressions[0]
        first.set("desc", not first.args.get("desc"))
    elif choice < 0.7 and node.args.get("partition_by"):
        node.set("partition_by", None)
    elif order is not None:
        node.set(
            "spec",
            exp.WindowSpec(kind="ROWS", start=exp.Literal.number(1), start_side="PRECEDING",
                           end="CURRENT ROW"),
        )  # fmt: skip
    return True


def swap_union(tree: exp.Expr, rng: random.Random) -> bool:
    """Exchange the sides of a set operation."""
    node = pick(tree, rng, exp.Union, exp.Except, exp.Intersect)
    if node is None:
        return False
    left, right = node.args["this"].copy(), node.args["expression"].copy()
    if left.args.get("with_"):
        return False
    node.set("this", right)
    node.set("expression", left)
    return True


def toggle_union_all(tree: exp.Expr, rng: random.Random) -> bool:
    """UNION ALL to UNION and back."""
    node = pick(tree, rng, exp.Union)
    if node is None:
        return False
    node.set("distinct", not node.args.get("distinct"))
    return True


def swap_case(tree: exp.Expr, rng: random.Random) -> bool:
    """Exchange two branches of a CASE, or its ELSE for NULL."""
    node = pick(tree, rng, exp.Case)
    if node is None:
        return False
    ifs = list(node.args.get("ifs") or ())
    if len(ifs) > 1 and rng.random() < 0.7:
        ifs[0], ifs[1] = ifs[1], ifs[0]
        node.set("ifs", ifs)
    else:
        node.set("default", exp.Null() if node.args.get("default") is None else None)
    return True


def add_order(tree: exp.Expr, rng: random.Random) -> bool:
    """Order the whole."""
    del rng
    if not isinstance(tree, exp.Select) or tree.args.get("order") or tree.args.get("limit"):
        return False
    tree.set("order", exp.Order(expressions=[exp.Ordered(this=exp.Literal.number(1))]))
    return True


def negate(tree: exp.Expr, rng: random.Random) -> bool:
    """Turn a condition into its opposite, which NULL meets as little as before."""
    where = pick(tree, rng, exp.Where)
    if where is None:
        return False
    where.set("this", exp.Not(this=exp.Paren(this=where.this.copy())))
    return True


def change_join_key(tree: exp.Expr, rng: random.Random) -> bool:
    """Join on another column of the same table."""
    joins = [j for j in tree.find_all(exp.Join) if j.args.get("on")]
    if not joins:
        return False
    columns = list(rng.choice(joins).args["on"].find_all(exp.Column))
    others = [c for c in tree.find_all(exp.Column) if c.name != "*"]
    column = rng.choice(columns) if columns else None
    others = [c for c in others if column and c.table == column.table and c.name != column.name]
    if column is None or not others:
        return False
    column.set("this", rng.choice(others).this.copy())
    return True


def change_list(tree: exp.Expr, rng: random.Random) -> bool:
    """Take one thing out of an IN list."""
    node = pick(tree, rng, exp.In)
    if node is None or len(node.expressions) < 2:
        return False
    kept = [one.copy() for one in node.expressions]
    kept.pop(rng.randrange(len(kept)))
    node.set("expressions", kept)
    return True


def use_other_column(tree: exp.Expr, rng: random.Random) -> bool:
    """Read another column of the same table."""
    select = pick(tree, rng, exp.Select)
    columns = [c for c in (select.find_all(exp.Column) if select else ()) if c.name != "*"]
    columns = [c for c in columns if c.find_ancestor(exp.Select) is select]
    pairs = [(a, b) for a in columns for b in columns if a.table == b.table and a.name != b.name]
    if not pairs:
        return False
    one, other = rng.choice(pairs)
    one.set("this", other.this.copy())
    return True
