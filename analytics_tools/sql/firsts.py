"""The first row of each partition: one row for each group, and what is known of its columns.

Of the first row by ``a, b, c`` the value of ``a`` is the same whatever ``b`` is, and that of ``b``
whatever ``c`` is. So where ties fall otherwise, only what comes after them can change.
"""

from __future__ import annotations

from collections.abc import Callable

from analytics_tools.sql.alike import is_alike
from analytics_tools.sql.combine import grouped
from analytics_tools.sql.core import Numbered
from analytics_tools.sql.relation import Rows, Value, filled, h
from analytics_tools.sql.scope import Scope


def picks(scope: Scope, over: Numbered) -> bool:
    """Whether a row number of one picks a row of each partition of what a scope has now."""
    is_open = any(item.open for item in scope.items)
    return bool(over.keys) and not is_open and over.rows.id == scope.rows.id


def pick(scope: Scope, number: str, over: Numbered, dialect: str) -> Callable[[Value], Value]:
    """Leave a scope the first row of each partition; returns what a value is in these rows."""
    first = _first(number, over, dialect)
    before = {v.id: v for item in scope.items for v in item.columns.values()}
    after = {one: first(value) for one, value in before.items()}
    never_null = {
        new.id
        for one, new in after.items()
        if one in scope.filled | scope.rows.strict or filled(one) in scope.rows.conditions
    }
    for item in scope.items:
        item.columns = {key: first(value) for key, value in item.columns.items()}
    scope.joined = {key: first(value) for key, value in scope.joined.items()}
    scope.turn, scope.follows = scope.turn + 1, ()
    groups = grouped(over.rows.with_repeated(), over.keys)
    asked = {one for one in never_null if filled(one) in groups.conditions}
    scope.rows = Rows(groups.base, groups.conditions, frozenset(never_null - asked))
    scope.filled = frozenset(never_null)
    after |= {part.id: first(part) for part in over.parts if part.id not in after}
    scope.unique = frozenset(
        frozenset(after[one].id for one in key)
        for key in (over.keys, *scope.unique)
        if key <= after.keys()
    )
    return first


def _first(number: str, over: Numbered, dialect: str) -> Callable[[Value], Value]:
    whole = over.repeated or number
    every, keys = over.rows.with_repeated().id, sorted(over.keys)
    steps = [step for _, step in over.order]
    told: dict[str, str] = {}
    for place, (one, _) in enumerate(over.order):
        told.setdefault(one, h("first by", every, *keys, "by", *steps[: place + 1], "of", one))

    def first(value: Value) -> Value:
        # Of several values that are equal without being alike it is any.
        is_told = is_alike(value, dialect)
        if is_told and value.id in over.keys:
            return value.become(value.id)
        made = told.get(value.id) if is_told else None
        return value.become(made or h("first", whole, value.id))

    return first
