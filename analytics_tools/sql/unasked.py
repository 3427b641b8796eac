"""Columns that come with a star and that nothing in the statement asks for.

What a SELECT of stars passes on may be there for nobody: a column added upstream, say. Whether a
row or its double comes first is then nobody's business, if in that column alone they differ.
"""

from __future__ import annotations

import re

from sqlglot import exp

from analytics_tools.sql.ordering import many

_NUMBER = re.compile(r"_\d+$")
_ORDERS = ("order", "sort", "cluster", "distribute", "group")


def asked_for(tree: exp.Expr) -> frozenset[str] | None:
    """Return all names in a statement, in lower case; None where a column may count without one.

    It may where a star is read by place (a set operation, a list of aliases, ORDER BY 2), as a
    whole (DISTINCT, ``in (select *)``, the name of a table as a value), or by a pattern.
    """
    names: set[str] = set()
    columns: set[str] = set()
    relations: set[str] = set()
    for node in tree.walk():
        if _goes_without_names(node):
            return None
        if isinstance(node, exp.Identifier):
            names.update(spellings(node.name))
        if isinstance(node, exp.Column):
            columns.add(node.name.lower())
        elif isinstance(node, exp.Table | exp.TableAlias):
            relations.add(node.name.lower())
    return None if columns & relations else frozenset(names)


def spellings(name: str) -> list[str]:
    """Return the names a column may have had: of two in one list the second is ``name_1``."""
    found = [name.lower()]
    while (shorter := _NUMBER.sub("", found[-1])) != found[-1]:
        found.append(shorter)
    return found


def _goes_without_names(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star):
        return not _is_plain(node)
    if isinstance(node, exp.TableAlias):
        by_place = not isinstance(node.parent, exp.Unnest | exp.Values)
        return by_place and bool(node.args.get("columns"))
    if isinstance(node, exp.Join):
        return node.args.get("method") == "NATURAL"
    if isinstance(node, exp.Select) and (node.is_star or not node.expressions):
        return not _is_read_by_name(node)
    return isinstance(node, exp.Pivot | exp.Columns | exp.PositionalColumn)


def _is_plain(star: exp.Star) -> bool:
    """Whether a star lists columns with their names, or counts rows."""
    parent = star.parent
    if isinstance(parent, exp.Count):
        return True
    listed = parent.parent if isinstance(parent, exp.Column) else parent
    return isinstance(listed, exp.Select) and star.args.get("ilike") is None


def _is_read_by_name(node: exp.Select) -> bool:
    """Whether what a SELECT of stars yields has to be named to be used; or is all there is."""
    if node.args.get("distinct") or node.args.get("kind"):
        return False
    for key in _ORDERS:
        clause = node.args.get(key)
        parts = many(clause.expressions) if isinstance(clause, exp.Expr) else []
        bare = [part.this if isinstance(part, exp.Ordered) else part for part in parts]
        if any(isinstance(part, exp.Literal | exp.Var) for part in bare):
            return False
        if key == "group" and isinstance(clause, exp.Expr) and clause.args.get("all"):
            return False
    around = node.parent
    while isinstance(around, exp.Subquery):
        if isinstance(around.parent, exp.From | exp.Join):
            return True
        around = around.parent
    return around is None or isinstance(around, exp.CTE)
