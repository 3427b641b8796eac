"""PIVOT and UNPIVOT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from analytics_tools.sql import facts
from analytics_tools.sql.core import CannotReadError, Look, told_of
from analytics_tools.sql.functions import ORDERLESS
from analytics_tools.sql.relation import (
    ANY,
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
from analytics_tools.sql.scope import Scope, item_of

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader


def pivoted(reader: Reader, node: exp.Pivot, source: Relation, parent: Scope | None) -> Relation:
    """Return `source` after a PIVOT or UNPIVOT.

    Which rows there are, and every new column, depend on everything in the source; columns that
    are only carried along keep their origin.
    """
    scope = Scope([item_of("", source)], source.rows, source.seq, parent=parent)
    look = Look()
    said = [told_of(node, key) for key, part in node.args.items() if part]
    read = _columns_read(node)
    used = _names(reader, node, read)
    for column in read:
        reader.expressions.id(column, scope, look)
    if node.args.get("unpivot") and (rest := _all_but(reader, node)) is not None:
        used |= source.columns.keys() - rest
        for key in source.columns.keys() - rest:
            merge(look.edges, source.columns[key].edges, How.COMPUTED)
    text = quoted(node.sql()), *sorted(said)
    seq = h("pivot", source.whole, *text)
    made = h("pivot", source.bag, *text) if _is_in_any_order(reader, node, scope) else seq
    edges: dict[Leaf, How] = {}
    merge(edges, look.edges, How.COMPUTED if node.args.get("unpivot") else How.AGGREGATED)
    if not edges:
        merge(edges, source.all_edges, How.COMPUTED)
    deciders = decided(source.deciders, by=edges, way="group")
    columns, opened = _columns(reader, node, source, used, made, edges)
    return Relation(columns, Rows(made), Rows(seq), opened, deciders, source.reads)


def _columns(
    reader: Reader,
    node: exp.Pivot,
    source: Relation,
    used: set[str],
    made: str,
    edges: dict[Leaf, How],
) -> tuple[dict[str, Value], tuple[Open, ...]]:
    """Return the columns that are kept and those that are made, or that nobody knows them."""
    new = _unpivoted_names(node) if node.args.get("unpivot") else _pivoted_names(node)
    if source.open or not new:
        every = {**edges, **{(uid, ANY): How.COMPUTED for uid in source.reads}}
        return {}, (Open(made, "", every),)
    columns = {
        key: Value(h("pivoted", made, value.id), value.name, value.edges, value.type)
        for key, value in source.columns.items()
        if key not in used
    }
    for name in new:
        key, value = reader.key(name), h("pivot column", made, quoted(reader.key(name)))
        columns[key] = Value(value, reader.spelled(name), edges)
    return columns, ()


def _is_in_any_order(reader: Reader, node: exp.Pivot, scope: Scope) -> bool:
    """Whether it makes no difference in which order the rows come."""
    if node.args.get("unpivot"):
        return True
    # ``PIVOT t ON x`` counts rows, unless it says USING.
    for part in node.expressions if node.args.get("fields") else node.args.get("using") or ():
        function, look = part.unalias(), Look()
        if isinstance(function, ORDERLESS):
            continue
        what = function.this if isinstance(function, exp.AggFunc) else None
        if not isinstance(what, exp.Column):
            return False
        certain = look.all_facts([reader.expressions.id(what, scope, look)])[0]
        if not facts.in_any_order(function, certain, reader.dialect):
            return False
    return True


def _columns_read(node: exp.Pivot) -> list[exp.Column]:
    """Return the columns that a pivot reads, not those it makes or leaves alone."""
    into = node.args.get("into")
    made = {id(part) for part in into.find_all(exp.Column)} if isinstance(into, exp.Expr) else set()
    return [
        column
        for column in node.find_all(exp.Column)
        if id(column) not in made and column.find_ancestor(exp.Star) is None
    ]


def _all_but(reader: Reader, node: exp.Pivot) -> set[str] | None:
    """Return the columns that ``unpivot t on columns(* exclude (a))`` leaves; None without star."""
    for part in node.expressions:
        if isinstance(part, exp.Columns) and isinstance(part.this, exp.Star):
            left = part.this.args.get("except_") or ()
            return {reader.key(p.this if isinstance(p, exp.Column) else p) for p in left}
        if isinstance(part, exp.Columns):
            raise CannotReadError("COLUMNS with a pattern")
    return None


def _names(reader: Reader, node: exp.Pivot, parts: list[exp.Column]) -> set[str]:
    """Return the folded names of the columns that a pivot uses up."""
    found = {reader.key(part.this) for part in parts if isinstance(part.this, exp.Identifier)}
    for field in node.args.get("fields") or ():
        if isinstance(field, exp.In) and isinstance(field.this, exp.Identifier):
            found.add(reader.key(field.this))
    return found


def _pivoted_names(node: exp.Pivot) -> list[exp.Identifier]:
    alias = node.args.get("alias")
    named = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return list(named or node.args.get("columns") or ())


def _unpivoted_names(node: exp.Pivot) -> list[exp.Identifier]:
    into = node.args.get("into")
    if isinstance(into, exp.UnpivotColumns):
        return [one.this for one in (into.this, *into.expressions) if isinstance(one, exp.Column)]
    names: list[exp.Identifier] = []
    if not node.args.get("fields"):
        return names  # a statement without INTO: names of the warehouse's own
    for field in node.args.get("fields") or ():
        if isinstance(field, exp.In):
            names.append(field.this)
    for part in node.expressions:
        names += [part] if isinstance(part, exp.Identifier) else list(part.find_all(exp.Identifier))
    return names
