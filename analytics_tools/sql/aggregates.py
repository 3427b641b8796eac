"""Which expressions aggregate the query they stand in."""

from __future__ import annotations

from sqlglot import exp

# Of these the parser says they aggregate; they only mean something in a window.
_NOT_ALONE = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.RowNumber)


def aggregates(node: exp.Expr) -> bool:
    """Whether an expression aggregates the query it stands in, not a window or a subquery."""
    todo = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, exp.Query):
            continue
        if isinstance(one, exp.Window):
            inner = one.this
            while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
                inner = inner.this
            todo += list(inner.iter_expressions())
            todo += [part for part in one.iter_expressions() if part is not one.this]
            continue
        if isinstance(one, exp.AggFunc | exp.AnonymousAggFunc) and not isinstance(one, _NOT_ALONE):
            return True
        todo += list(one.iter_expressions())
    return False
