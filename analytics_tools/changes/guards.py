"""Which data tests and unit tests worked in base and don't in head.

What belongs here: tests, which break by what they read, by what they name, or because the model
they run doesn't work. What does not: models, and the semantic layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from analytics_tools.artifacts.code import items_of, keys_of
from analytics_tools.changes.answer import Break
from analytics_tools.changes.inputs import input_of
from analytics_tools.changes.pair import Pair
from analytics_tools.changes.side import Side
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.texts import is_ephemeral
from analytics_tools.sql.dialect import UnreadableSqlError
from analytics_tools.sql.statement import Statement

# Unique id, column, upstream, reason, and whether it is certain.
Add: TypeAlias = Callable[[str, str, str, str, bool], None]
# Unique id, the statement in base, the statement in head, and whether to tell only what is sure.
Compare: TypeAlias = Callable[[str, Statement | None, Statement, bool], None]

Lacks: TypeAlias = Callable[[str], bool]

# Generic tests of dbt that read the column they are given, whatever else they are given.
_READ_THEIR_COLUMN = frozenset(("unique", "not_null", "accepted_values", "relationships"))
_NAMED = "its rows name a column that is gone"
_NEVER = "its rows name a column that isn't there"


class Guards:
    """Finds the tests that break. What breaks is told to `add`."""

    def __init__(self, pair: Pair, add: Add, compare: Compare) -> None:
        self._pair, self._add, self._compare = pair, add, compare

    # -- data tests ----------------------------------------------------------------------------

    def test(self, uid: str, parents: Sequence[str]) -> bool:
        """Look at a data test none of whose parents is broken; say whether it may be another."""
        fed = any(parent in self._pair.suspects for parent in parents)
        if not fed and not self._is_edited(uid):
            return False
        self._test(uid, not fed)
        return True

    def _test(self, uid: str, surely: bool) -> None:
        pair = self._pair
        sql = pair.head.code.node(uid).compiled
        if not sql:
            self._named_column(uid)
            return
        try:
            after = _read(pair.after, uid, sql)
        except UnreadableSqlError:
            self._named_column(uid)
            return
        before = None
        old = pair.base.code.node(uid).compiled
        if old:
            try:
                before = _read(pair.before, uid, old)
            except UnreadableSqlError:
                return
        self._compare(uid, before, after, surely)

    def _is_edited(self, uid: str) -> bool:
        """Whether a test is new, or asks something else."""
        before, after = self._pair.base.code.node(uid), self._pair.head.code.node(uid)
        if uid not in self._pair.base.project.nodes:
            return True
        if not (before.compiled and after.compiled):
            return bool(before.column_name != after.column_name)
        if before.compiled == after.compiled:
            return False
        one, two = self._pair.before.canonical(uid), self._pair.after.canonical(uid)
        return one.split() != two.split()

    def _named_column(self, uid: str) -> None:
        """What a test that nobody compiled says of itself."""
        code = self._pair.head.code.node(uid)
        on = getattr(self._pair.head.project.nodes[uid], "attached_node", None)
        column = str(code.column_name or "").strip('"`')
        if not on or not column:
            return
        if column.lower() in (name.lower() for name in gone(self._pair, on)):
            self._add(uid, column, on, "it tests a column that is gone", True)
        elif self._is_edited(uid) and keys_of(code.test_metadata).get("name") in _READ_THEIR_COLUMN:
            lacks = _lacks(self._pair.after, on)
            if lacks and column.isidentifier() and lacks(column):
                self._add(uid, column, on, "it tests a column that isn't there", True)

    # -- unit tests ----------------------------------------------------------------------------

    def unit_test(self, uid: str, own: Sequence[Break]) -> None:
        """Look at a unit test; `own` is what breaks its model, if that is the model's own SQL."""
        model = _model(self._pair.head, uid)
        own = [one for one in own if not _is_given(self._pair.head, uid, one)]
        for one in own:
            reason = f"the model it tests doesn't work: {one.reason}"
            self._add(uid, one.column, one.upstream, reason, one.certain)
        if own:
            return
        touched = model in self._pair.suspects or self._is_other(uid) or self._inlines(model)
        if not model or not touched:
            return
        base, head = self._pair.base, self._pair.head
        told = {name for _, name in _wrong(base, uid, lambda p: _lacks(self._pair.before, p))}
        for (parent, name), shown in _wrong(head, uid, self._lacks).items():
            if name not in told:
                told.add(name)
                reason = _NAMED if self._had(parent, name) else _NEVER
                self._add(uid, shown, parent, reason, True)
        self._uncast(uid, model)
        for parent in sorted(_without_input(head, uid) - _without_input(base, uid)):
            label = head.project.relations[parent].label
            self._add(uid, "", parent, f"its model reads {label}, which it has no input for", True)
        for parent in sorted(_without_columns(head, uid) - _without_columns(base, uid)):
            label = head.project.relations[parent].label
            reason = f"{label} is ephemeral, so that its rows have to be SQL"
            self._add(uid, "", parent, reason, False)

    def _uncast(self, uid: str, model: str) -> None:
        """Find a value in the rows that the column takes no longer, where anything looks at it."""
        statement = self._pair.after.reading(model).statement
        if statement is None:
            return
        relation = statement.relation
        values = list(_values(self._pair.head, uid))
        asked = {name.lower() for parent, name, _ in values if parent == model}
        edges = [one.edges for key, one in relation.columns.items() if key.lower() in asked]
        read = {leaf for one in (*edges, relation.deciders) for leaf in one}
        read = {(parent, name.lower()) for parent, name in read}
        for parent, name, value in values:
            if parent == model or (parent, name.lower()) in read:
                type_ = self._pair.refusals.uncast(parent, name, value)
                if type_:
                    reason = f"its rows have a value for {name} that is no {type_}, its type now"
                    self._add(uid, name, parent, reason, True)
                    return

    def _is_other(self, uid: str) -> bool:
        """Whether a unit test is new, or tells of other rows."""
        before = self._pair.base.code.entry("unit_tests", uid)
        after = self._pair.head.code.entry("unit_tests", uid)
        return any(before.get(key) != after.get(key) for key in ("model", "given", "expect"))

    def _inlines(self, model: str) -> bool:
        """Whether a model reads something that is ephemeral now."""
        base, head = self._pair.base.project.models, self._pair.head.project
        return any(
            is_ephemeral(head.models[parent]) and not is_ephemeral(base[parent])
            for parent in head.parents.get(model, ())
            if parent in head.models and parent in base
        )

    def _lacks(self, uid: str) -> Lacks | None:
        if uid in self._pair.head.project.relations and self._pair.after.reading(uid).unread:
            went = {name.lower() for name in gone(self._pair, uid)}
            return lambda name: name.lower() in went
        return _lacks(self._pair.after, uid)

    def _had(self, parent: str, name: str) -> bool:
        if parent not in self._pair.base.project.relations:
            return False
        return name in {key.lower() for key in self._pair.before.reading(parent).relation.columns}


def gone(pair: Pair, uid: str) -> list[str]:
    """Return the columns that a node had in base and hasn't in head."""
    if uid not in pair.suspects or uid not in pair.base.project.relations:
        return []
    if uid not in pair.head.project.relations:
        return []
    before, after = pair.before.reading(uid).relation, pair.after.reading(uid).relation
    if before.open or after.open:
        return []
    return [value.name for key, value in before.columns.items() if key not in after.columns]


def _read(side: Lineages, uid: str, sql: str) -> Statement:
    """Return a test's statement, after all that it reads."""
    for parent in side.project.parents.get(uid, ()):
        if parent in side.project.relations:
            side.reading(parent)
    return side.statement(uid, sql)


def _lacks(side: Lineages, uid: str) -> Lacks | None:
    """Return what says whether a node lacks a column; None where nobody can."""
    if uid not in side.project.relations:
        return None
    reading = side.reading(uid)
    if reading.relation.open or reading.unread or not reading.relation.columns:
        return None
    names = {key.lower() for key in reading.relation.columns}
    return lambda name: name.lower() not in names


def _model(side: Side, uid: str) -> str:
    """Return the model that a unit test runs; empty where it isn't there."""
    named = str(side.code.entry("unit_tests", uid).get("model") or "")
    for parent in side.project.parents.get(uid, ()):
        node = side.project.models.get(parent)
        if node is not None and named in (node.name, node.label, parent):
            return parent
    return ""


def _wrong(
    side: Side, uid: str, lacks_of: Callable[[str], Lacks | None]
) -> dict[tuple[str, str], str]:
    """Return the names in a unit test's rows that what they stand for lacks, as written."""
    found: dict[tuple[str, str], str] = {}
    for parent, some in _rows(side, uid):
        lacks = lacks_of(parent)
        for name in sorted(_names(some)) if lacks else ():
            if lacks and lacks(name):
                found.setdefault((parent, name.lower()), name)
    return found


def _rows(side: Side, uid: str) -> list[tuple[str, Any]]:
    """Return the rows of a unit test, each with the node that they stand for."""
    rows = [(_input(side, uid, given), given.get("rows")) for given in _given(side, uid)]
    expected = keys_of(side.code.entry("unit_tests", uid).get("expect"))
    return [*rows, (_model(side, uid), expected.get("rows"))]


def _values(side: Side, uid: str) -> Iterator[tuple[str, str, object]]:
    """Return what stands in a unit test's rows: node, column, value."""
    for parent, some in _rows(side, uid):
        for row in items_of(some) if parent else ():
            for name, value in row.items() if isinstance(row, Mapping) else ():
                if isinstance(value, str | int | float):
                    yield parent, str(name), value


def _given(side: Side, uid: str) -> list[dict[str, Any]]:
    return [keys_of(one) for one in items_of(side.code.entry("unit_tests", uid).get("given"))]


def _input(side: Side, uid: str, given: Mapping[str, Any]) -> str:
    return input_of(str(given.get("input") or ""), side.project, uid.split(".")[1])


def _is_given(side: Side, uid: str, one: Break) -> bool:
    """Whether a unit test may give what its model misses, in SQL of its own."""
    for given in _given(side, uid):
        rows = given.get("rows")
        if not isinstance(rows, str) or (one.upstream and one.upstream != _input(side, uid, given)):
            continue
        if not one.column or re.search(rf"\b{re.escape(one.column)}\b", rows, re.IGNORECASE):
            return True
    return False


def _names(rows: Any) -> set[str]:
    return {str(key) for row in items_of(rows) if isinstance(row, Mapping) for key in row}


def _without_input(side: Side, uid: str) -> set[str]:
    """Return what a model reads and a unit test of it has no input for: dbt knows of nothing else
    then."""
    given = [one for one in _given(side, uid) if str(one.get("input")).strip() != "this"]
    known = {_input(side, uid, one) for one in given}
    read = side.project.parents.get(_model(side, uid), ())
    return set() if "" in known else {p for p in read if p in side.project.relations} - known


def _without_columns(side: Side, uid: str) -> set[str]:
    """Return the ephemeral inputs whose rows are not SQL: dbt can't ask for their columns."""
    named = {
        _input(side, uid, one) for one in _given(side, uid) if isinstance(one.get("rows"), list)
    }
    nodes = side.project.models
    return {one for one in named if one in nodes and is_ephemeral(nodes[one])}
