"""Columns that are selected and not grouped by, and places in GROUP BY that no column has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from analytics_tools.sql.core import Look
from analytics_tools.sql.findings import Problem
from analytics_tools.sql.ordering import ordinal
from analytics_tools.sql.scope import Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader

# What yields one value for all rows of a group, or may do so.
_OF_GROUPS = (
    exp.AggFunc, exp.Anonymous, exp.AnonymousAggFunc, exp.Window, exp.Query, exp.Subquery,
    exp.Lambda, exp.Star, exp.Filter, exp.WithinGroup, exp.Columns, exp.Placeholder, exp.UDTF,
    exp.Explode,
)  # fmt: skip
# Where the value of any row will do.
_TAKES_ANY_ROW = frozenset(("mysql", "sqlite", "clickhouse", ""))


def ungrouped(reader: Reader, node: exp.Expr, scope: Scope) -> list[Problem]:
    """Return the columns of a selected expression that the query would have to group by."""
    if isinstance(node, _OF_GROUPS) or reader.dialect in _TAKES_ANY_ROW:
        return []
    if any(reader.expressions.id(node, one, Look()) in scope.keys for one in _ways(scope)):
        return []
    if isinstance(node, exp.Column):
        is_own = _is_own(reader, node, scope)
        return [Problem(node.name, scope.nodes(), True, "ungrouped")] if is_own else []
    return [one for part in node.iter_expressions() for one in ungrouped(reader, part, scope)]


def beyond(node: exp.Select, width: int, nodes: tuple[str, ...]) -> list[Problem]:
    """Return the numbers in GROUP BY and ORDER BY that stand for none of `width` columns."""
    places = [
        ordinal(part.this if isinstance(part, exp.Ordered) else part)
        for key in ("group", "order")
        if isinstance(clause := node.args.get(key), exp.Expr)
        for part in clause.expressions
    ]
    return [
        Problem(str(place), nodes, True, "ordinal")
        for place in places
        if place is not None and not 0 < place <= width
    ]


def _ways(scope: Scope) -> tuple[Scope, Scope]:
    """Return the scope as the select list sees it, and as GROUP BY may: aliases first."""
    return scope, replace(scope, alias_first=True)


def _is_own(reader: Reader, node: exp.Column, scope: Scope) -> bool:
    """Whether a column is certainly one of what the query itself reads, and no field of one."""
    own = Scope(scope.items)
    if own.is_open or len(node.parts) > 2:
        return False
    key = reader.key(node.this)
    if len(node.parts) == 1:
        return own.column(key, "") is not None
    item = own.item(reader.key(node.parts[0]))
    return item is not None and key in item.columns
