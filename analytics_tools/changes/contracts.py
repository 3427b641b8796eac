"""Where a model's SQL no longer yields what its contract declares.

What belongs here: names and types of the columns, as dbt compares them before it builds the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import Column
from analytics_tools.changes.pair import Pair
from analytics_tools.changes.semantic import columns_in
from analytics_tools.changes.side import Side
from analytics_tools.lineage import Lineages, Reading
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.facts import FILLED, type_key
from analytics_tools.sql.families import of_name
from analytics_tools.sql.relation import How, Value
from analytics_tools.sql.type_names import parse
from analytics_tools.sql.types import Change, classify

_LACKS = "its contract declares a column that its SQL lacks"
_MORE = "its SQL has a column that its contract doesn't declare"
_SUM = "number:Sum of "
_SETS = re.compile(r"\b(union|intersect|except)\b", re.IGNORECASE)
# Adapters whose types dbt is told without sizes, and what is one type to them.
_ALIKE = {
    "snowflake": {
        "int": "decimal", "uint": "decimal", "char": "text", "timestamptz": "timestamp",
    },
    "postgres": {"char": "text"},
    "redshift": {"char": "text"},
}  # fmt: skip
# What they make of a name without quotes; elsewhere it stays as it is written.
_FOLDED = {"postgres": str.lower, "snowflake": str.upper}


class Fault(NamedTuple):
    """A column that a contract and the SQL don't agree on."""

    column: str
    reason: str
    certain: bool


class _Side(NamedTuple):
    """A model with a contract on one side: what it declares, and what its SQL yields."""

    side: Side
    lineages: Lineages
    uid: str
    names: dict[str, str]
    wanted: dict[str, str]
    types: dict[str, str]
    columns: dict[str, Value]
    spelled: dict[str, str]
    filled: frozenset[str]


def faults(pair: Pair, uid: str, before: Reading | None, after: Reading) -> Iterator[Fault]:
    """Find what is wrong with a model of head, and wasn't in base."""
    head = _of(pair.head, pair.after, uid, after)
    if head is None:
        return
    for key in sorted(head.names.keys() - head.columns.keys()):
        yield Fault(head.names[key], _LACKS, True)
    for key in sorted(head.columns.keys() - head.names.keys()):
        yield Fault(head.columns[key].name, _MORE, True)
    yield from _constrained(pair, uid, before, head)
    if before is None or before.statement is None or before.relation.open:
        return
    base = _of(pair.base, pair.before, uid, before, enforced=False)
    for key in head.columns:
        if base is not None and key in head.names and key in base.columns:
            fault = (
                _recased(base, head, key, uid in pair.edited)
                or _retyped(pair, base, head, key)
                or _emptied(base, head, key)
            )
            if fault:
                yield fault


def _constrained(pair: Pair, uid: str, before: Reading | None, head: _Side) -> Iterator[Fault]:
    """A constraint of the whole table names its columns itself."""
    base = pair.base.project.models.get(uid)
    known = (base.constraints or ()) if base and base.has_contract else ()
    had = before.relation.columns if before else {}
    model = pair.head.project.models[uid]
    of_columns = (one for column in model.columns.values() for one in column.constraints or ())
    for one in (*(model.constraints or ()), *of_columns):
        named = list(one.columns or ())
        if one.type == "check" and one.expression:
            named = columns_in(one.expression, head.lineages.dialect)
        for name in named:
            key = name.lower()
            if key not in head.columns and (one not in known or key in map(str.lower, had)):
                kind = one.type.replace("_", " ")
                yield Fault(name, f"its {kind} names a column that its SQL lacks", True)


def _of(
    side: Side, lineages: Lineages, uid: str, reading: Reading, enforced: bool = True
) -> _Side | None:
    node = side.project.models.get(uid)
    if not isinstance(node, Model) or reading.statement is None or reading.statement.relation.open:
        return None
    if enforced and not node.has_contract:
        return None
    declared = {
        stored(one.name or key, lineages.dialect).lower(): (one.name or key, one)
        for key, one in (node.columns if node.has_contract else {}).items()
    }
    folded = _FOLDED.get(side.project.adapter, str)
    columns = reading.statement.relation.columns
    bare = side.project.adapter in _FOLDED
    return _Side(
        side,
        lineages,
        uid,
        {key: name for key, (name, _) in declared.items()},
        {key: name if one.quote else folded(name) for key, (name, one) in declared.items()},
        {key: one.data_type for key, (_, one) in declared.items() if one.data_type},
        {key.lower(): value for key, value in columns.items()},
        {key.lower(): key if bare else value.name for key, value in columns.items()},
        frozenset(key for key, (_, one) in declared.items() if _is_filled(one)),
    )


# -- names -------------------------------------------------------------------------------------


def _recased(base: _Side, head: _Side, key: str, edited: bool) -> Fault | None:
    """dbt compares names with their case, as the warehouse gives them.

    What comes over a view DuckDB may describe with the case it had before.
    """
    if key not in base.names or not _is_spelled(base, key) or _is_spelled(head, key):
        return None
    name = head.spelled[key]
    reason = f"its contract declares {head.names[key]}, and its SQL says {name}"
    return Fault(name, reason, edited)


def _is_spelled(one: _Side, key: str) -> bool:
    """Whether a column has the case that its contract wants; True where nobody knows."""
    exact = one.side.project.adapter in ("duckdb", *_FOLDED)
    return not exact or one.spelled[key] == one.wanted[key]


# -- null --------------------------------------------------------------------------------------


def _is_filled(column: Column) -> bool:
    return any(one.type in ("not_null", "primary_key") for one in column.constraints or ())


def _emptied(base: _Side, head: _Side, key: str) -> Fault | None:
    """A column that was never null may be so now, and the contract wants it filled."""
    old, new = base.columns[key], head.columns[key]
    if key not in head.filled or not old.facts & FILLED or new.facts & FILLED:
        return None
    reason = "its contract wants the column filled, and it may be null now"
    return Fault(new.name, reason, False)


# -- types -------------------------------------------------------------------------------------


def _retyped(pair: Pair, base: _Side, head: _Side, key: str) -> Fault | None:
    wanted = head.types.get(key)
    if not wanted:
        return None
    adapter = head.side.project.adapter
    name = head.columns[key].name
    bound = pair.refusals.types(head.uid)
    if bound is not None and key in bound[0] and key in bound[1]:
        return _bound_otherwise(base, head, key, (bound[0][key], bound[1][key]))
    real = _real(base, head, key)
    if real:
        if not differ(wanted, real, adapter):
            return None
        return Fault(name, f"its contract declares {wanted}, and the column is {real}", True)
    was, is_ = _kind(base.columns[key].type), _kind(head.columns[key].type)
    declared = _kind(of_name(wanted, adapter))
    if not (was and is_ and declared) or was == is_ or is_ == declared:
        return None
    return Fault(name, f"its contract declares {wanted}, and the column is now {is_}", False)


def _bound_otherwise(base: _Side, head: _Side, key: str, types: tuple[str, str]) -> Fault | None:
    """Hold the types that DuckDB gives a column to what the contract declares."""
    adapter = head.side.project.adapter
    was, wanted = base.types.get(key), head.types[key]
    if not differ(wanted, types[1], adapter) or (was and differ(was, types[0], adapter)):
        return None
    reason = f"its contract declares {wanted}, and the column is {types[1]}"
    return Fault(head.columns[key].name, reason, True)


def _real(base: _Side, head: _Side, key: str) -> str:
    """Return the type that a column has in head, as far as that is certain; else empty."""
    old, new = base.columns[key], head.columns[key]
    was = base.types.get(key) or _listed(base.side, base.uid, old.name)
    moved = any(_moves(base, head, leaf) for leaf in new.edges)
    if old.id == new.id:
        return "" if moved else was
    made = _exact(new.type) or _taken(head, new)
    if not made:
        return ""
    # What isn't understood in base isn't in head.
    known = _exact(old.type) or _taken(base, old)
    adapter = head.side.project.adapter
    return made if not was or (known and not differ(was, known, adapter)) else ""


def _exact(type_: str) -> str:
    exact = type_.partition(":")[2]
    return "" if " of " in exact else exact


def _taken(one: _Side, value: Value) -> str:
    """Return the type of what is a column of a node as it is, or on DuckDB a sum of it."""
    if len(value.edges) != 1 or not value.sure or _puts_together(one):
        return ""
    ((uid, name), how), *_ = value.edges.items()
    type_ = _listed(one.side, uid, name)
    if how in (How.COPIED, How.RENAMED):
        return type_
    columns = one.lineages.reading(uid).relation.columns
    summed = columns.get(stored(name, one.lineages.dialect))
    if summed is None or one.side.project.adapter != "duckdb" or value.type != _SUM + summed.type:
        return ""
    return _summed(type_)


def _puts_together(one: _Side) -> bool:
    """Whether a model has set operations: of two types in a column they make a third."""
    return bool(_SETS.search(one.lineages.sql_of(one.uid)))


def _summed(type_: str) -> str:
    one = parse(type_, "duckdb") if type_ else None
    if one is None:
        return ""
    if one.family == "decimal":
        return "" if one.scale is None else f"DECIMAL(38,{one.scale})"
    return {"int": "HUGEINT", "float": "DOUBLE"}.get(one.family, "")


def _moves(base: _Side, head: _Side, leaf: tuple[str, str]) -> bool:
    """Whether a column of another node is listed with two types."""
    one, two = (_listed(side.side, *leaf) for side in (base, head))
    return bool(one and two and one.lower() != two.lower())


def _listed(side: Side, uid: str, name: str) -> str:
    """Return the type of a column as the catalog has it."""
    table = side.project.tables.get(uid)
    if table is None:
        return ""
    return next((c.type or "" for c in table.in_order() if c.name.lower() == name.lower()), "")


def _kind(type_: str) -> str:
    return type_.partition(":")[0].replace("digits", "text")


def differ(one: str, two: str, adapter: str) -> bool:
    """Whether two types are not the same to dbt; False where that isn't known."""
    first, second = parse(one, adapter), parse(two, adapter)
    if "other" in (first.family, second.family):
        return False
    if adapter == "duckdb":
        same = type_key(one, adapter) == type_key(two, adapter)
        return not same and classify(one, two, adapter) is not Change.NONE
    if adapter == "postgres" and first.family == second.family == "int":
        return (first.size == 64) != (second.size == 64)
    alike = _ALIKE.get(adapter, {})
    return alike.get(first.family, first.family) != alike.get(second.family, second.family)
