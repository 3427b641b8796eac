"""Tests that came, went, or ask for more or less than they did."""

from __future__ import annotations

import re
from typing import Any

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.code import NodeCode
from analytics_tools.artifacts.nodes import Constraint, Test, UnitTest
from analytics_tools.artifacts.project import tested_nodes
from analytics_tools.changes import Changes
from analytics_tools.changes.macros import Macros
from analytics_tools.changes.side import Side
from analytics_tools.review.answer import TestChange
from analytics_tools.review.strictness import compare_strictness
from analytics_tools.score.keys import folded

_ORDER = (
    "removed",
    "disabled",
    "weakened",
    "changed",
    "replaced",
    "strengthened",
    "enabled",
    "added",
)
_HELD_BY = {"not_null": ("not_null", "primary_key"), "unique": ("unique", "primary_key")}

_VARIABLE = re.compile(r"\bvar\s*\(")


def test_changes(base: Side, head: Side, changes: Changes) -> tuple[TestChange, ...]:
    """Return what became of every test that isn't the same, losses first."""
    return _Tests(base, head, changes).run()


class _Tests:
    def __init__(self, base: Side, head: Side, changes: Changes) -> None:
        self._base, self._head = base, head
        self._macros = Macros(base.code, head.code)
        self._moved = {n.fields[0]: n.unique_id for n in changes.nodes if n.change == "renamed"
                       and n.fields}  # fmt: skip
        self._gone = {n.unique_id for n in changes.nodes if n.change in ("removed", "disabled")}
        self._columns = {n.unique_id: n.columns for n in changes.nodes}
        self._off = {node.unique_id for node in head.project.disabled}
        self._changes = {
            n.unique_id: n.change for n in changes.nodes if n.kind in ("test", "unit_test")
        }

    def run(self) -> tuple[TestChange, ...]:
        found: list[TestChange] = []
        gone = ("removed", "disabled")
        removed = [uid for uid, change in self._changes.items() if change in gone]
        added = [uid for uid, change in self._changes.items() if change == "added"]
        pairs = self._pairs(removed, added)
        for old, new in pairs.items():
            found += self._compared(old, new)
        for uid, change in self._changes.items():
            if uid in pairs or uid in pairs.values() or change == "docs":
                continue
            if change == "fields" and uid.startswith("test."):
                found += self._compared(uid, uid)
            elif change in gone:
                found.append(self._removed(uid))
            else:
                word = "changed" if change == "fields" else change
                found.append(self._told(uid, word, ()))
        found.sort(key=lambda one: (_ORDER.index(one.change), one.goes_along, one.on, one.name))
        return tuple(found)

    def _pairs(self, removed: list[str], added: list[str]) -> dict[str, str]:
        """Pair a test that went with the one that came for it: arguments are part of dbt's id."""
        went: dict[Any, list[str]] = {}
        came: dict[Any, list[str]] = {}
        for uid in removed:
            went.setdefault(self._place(uid, self._base.project, True), []).append(uid)
        for uid in added:
            came.setdefault(self._place(uid, self._head.project, False), []).append(uid)
        return {
            old[0]: came[place][0]
            for place, old in went.items()
            if place and len(old) == 1 and len(came.get(place, ())) == 1
        }

    def _place(self, uid: str, project: Project, is_base: bool) -> Any:
        """Return what makes a test the same one on both sides; None for a singular test."""
        node = project.nodes.get(uid)
        if not isinstance(node, Test) or not node.is_generic:
            return None
        on = tuple(tested_nodes(node, project))
        column = folded(node.column_name or "")
        if is_base:
            column = self._column_now(on[0] if on else "", column)
            on = tuple(self._moved.get(one, one) for one in on)
        return on, column, node.type_name

    def _column_now(self, on: str, column: str) -> str:
        where = self._moved.get(on, on)
        for change in self._columns.get(where, ()):
            if change.change == "renamed" and change.before.lower() == column:
                return change.after.lower()
        return column

    def _compared(self, old: str, new: str) -> list[TestChange]:
        before, after = self._base.project.nodes.get(old), self._head.project.nodes.get(new)
        code = self._base.code.node(old), self._head.code.node(new)
        if not isinstance(before, Test) or not isinstance(after, Test):
            return [self._told(new, "changed", ())]
        change, why = compare_strictness(before, after, *code, self._is_rewritten(*code))
        if not change:
            return []
        return [self._told(new, change, why)]

    def _is_rewritten(self, before: NodeCode, after: NodeCode) -> bool:
        """Whether a test's SQL differs by an edit: the same code in another place is the same."""
        if not self._macros.same(before, after):
            return True
        called = [self._head.code.macros.get(uid) for uid in after.macros]
        texts = (after.raw, *(str(macro.macro_sql or "") for macro in called if macro))
        return any(_VARIABLE.search(text) for text in texts) and before.compiled != after.compiled

    def _removed(self, uid: str) -> TestChange:
        node = self._base.project.nodes_by_id.get(uid)
        on = self._on(uid, self._base.project)
        column = folded(getattr(node, "column_name", None) or "")
        if on and on in self._gone:
            return self._told(uid, "removed", (f"with its {on.partition('.')[0]}",))
        if uid in self._off or self._changes[uid] == "disabled":
            return self._told(uid, "disabled", ())
        lost = {c.name.lower() for c in self._columns.get(on, ()) if c.change == "removed"}
        if column and column in lost:
            return self._told(uid, "removed", ("with its column",))
        held = isinstance(node, Test) and self._held(node, on, column)
        if held:
            return self._told(uid, "replaced", (f"the contract's {held} holds it",))
        return self._told(uid, "removed", ())

    def _held(self, test: Test, on: str, column: str) -> str:
        """Return the constraint of an enforced contract that asks what a removed test did."""
        model = self._head.project.models.get(on)
        kinds = _HELD_BY.get(test.type_name, ())
        if model is None or not model.has_contract or not kinds:
            return ""
        if model.materialized not in ("table", "incremental"):
            return ""
        for constraint, columns in _constraints(model):
            if constraint.type.lower() in kinds and columns == (column,):
                return f"{constraint.type.lower()} constraint"
        return ""

    def _told(self, uid: str, change: str, why: tuple[str, ...]) -> TestChange:
        gone = change in ("removed", "disabled", "replaced")
        project = self._base.project if gone else self._head.project
        node = project.nodes_by_id.get(uid)
        return TestChange(
            unique_id=uid,
            name=(node.type_name if isinstance(node, Test) and node.is_generic
                  else node.name if node else uid),
            kind="unit_test" if isinstance(node, UnitTest) else "test",
            change=change,
            on=self._on(uid, project),
            column=(getattr(node, "column_name", None) or ""),
            why=why,
        )  # fmt: skip

    def _on(self, uid: str, project: Project) -> str:
        node = project.nodes_by_id.get(uid)
        if isinstance(node, Test):
            return next(iter(tested_nodes(node, project)), "")
        models = [p for p in project.parents.get(uid, ()) if p.startswith("model.")]
        if isinstance(node, UnitTest):
            named = [p for p in models if p.split(".")[2] == node.model]
            return next(iter(named or models), "")
        return ""


def _constraints(model: Model) -> list[tuple[Constraint, tuple[str, ...]]]:
    found = [(one, tuple(map(folded, one.columns or ()))) for one in model.constraints or ()]
    for column in model.columns.values():
        found += [(one, (folded(column.name),)) for one in column.constraints or ()]
    return found
