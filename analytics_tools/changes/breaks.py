"""What worked in base and doesn't in head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.code import items_of, keys_of
from analytics_tools.artifacts.naming import steps_of
from analytics_tools.artifacts.nodes import Exposure, Metric, SavedQuery, Snapshot
from analytics_tools.changes.answer import Break
from analytics_tools.changes.pair import Pair
from analytics_tools.changes.queries import Reads, read_by
from analytics_tools.changes.references import is_there
from analytics_tools.changes.semantic import SPINE, Element, Semantics
from analytics_tools.graph import in_order, walk
from analytics_tools.impact import owner_of
from analytics_tools.lineage import Reading
from analytics_tools.sql.dialect import UnreadableSqlError, stored
from analytics_tools.sql.findings import Clash, Problem
from analytics_tools.sql.statement import Statement

# Where comparing a number with text fails whatever the text is.
_STRICT = frozenset(("postgres", "redshift", "bigquery", "trino", "presto", "athena"))
_TOLD = (Exposure, Metric, SavedQuery)


class Breaks:
    """Finds what breaks, nearest to the cause first; what stands on it is told as hit."""

    def __init__(self, pair: Pair, before: Semantics, after: Semantics) -> None:
        self._pair = pair
        self._before, self._after = before, after
        self._broken: set[str] = set()
        self._found: list[Break] = []

    def find(self) -> tuple[Break, ...]:
        """Return every break."""
        pair = self._pair
        for uid in in_order(pair.head.project.parents):
            if uid not in pair.suspects and not uid.startswith(("test.", "unit_test.")):
                continue
            parents = pair.head.project.parents.get(uid, ())
            if any(parent in self._broken for parent in parents):
                if uid in pair.head.project.relations:
                    self._broken.add(uid)
                continue
            if uid.startswith("test."):
                self._test(uid, parents)
            elif uid.startswith("unit_test."):
                self._unit_test(uid, parents)
            elif uid in pair.head.project.relations:
                self._node(uid)
        self._semantic()
        return tuple(self._found)

    # -- nodes ---------------------------------------------------------------------------------

    def _node(self, uid: str) -> None:
        pair = self._pair
        after = pair.after.reading(uid)
        before = pair.before.reading(uid) if uid in pair.base.project.relations else None
        count = len(self._found)
        if after.statement is not None:
            self._statement(uid, before.statement if before else None, after.statement)
            self._later(uid, before, after)
            self._contract(uid, before, after)
            self._keys(uid, before, after)
        elif before is not None:
            self._unseen(uid, after)
        if len(self._found) > count:
            self._broken.add(uid)

    def _statement(self, uid: str, before: Statement | None, after: Statement) -> None:
        old = {(p.column.lower(), p.nodes) for p in before.problems} if before else set()
        for problem in after.problems:
            if (problem.column.lower(), problem.nodes) in old:
                continue
            if before is not None and not self._lost(problem) and problem.column != "*":
                sure = problem.sure and bool(problem.nodes)
            else:
                sure = problem.sure
            self._add(uid, problem.column, self._upstream(problem), _reason(problem), sure)
        if before is None or before.relation.whole == after.relation.whole:
            return  # what is only written otherwise gets on as before
        known = {(clash.kind, clash.sql) for clash in before.clashes}
        for clash in after.clashes:
            if (clash.kind, clash.sql) not in known:
                self._clash(uid, clash)

    def _later(self, uid: str, before: Reading | None, after: Reading) -> None:
        """What only later runs of an incremental model miss."""
        known = [*(before.later if before else ()), *([after.statement] if after.statement else [])]
        told = {(p.column.lower(), p.nodes) for one in known for p in one.problems}
        for one in after.later:
            for problem in one.problems:
                key = problem.column.lower(), problem.nodes
                if key not in told and self._lost(problem):
                    told.add(key)
                    reason = f"in a later run, {_reason(problem)}"
                    sure = problem.sure and len(after.later) == 1
                    self._add(uid, problem.column, self._upstream(problem), reason, sure)

    def _clash(self, uid: str, clash: Clash) -> None:
        adapter = self._pair.head.project.adapter
        strict = adapter in _STRICT or (clash.kind == "arithmetic" and adapter == "duckdb")
        if clash.digits and not strict:
            return
        what = "compares a number with text" if clash.kind == "compare" else "computes with text"
        self._add(uid, "", "", f"{what}: {clash.sql}", strict)

    def _lost(self, problem: Problem) -> bool:
        return bool(self._upstream(problem))

    def _upstream(self, problem: Problem) -> str:
        """Return the node that had the column in base and has it no longer."""
        for uid in problem.nodes:
            if uid not in self._pair.base.project.relations:
                continue
            key = stored(problem.column, self._pair.before.dialect)
            names = {k.lower() for k in self._pair.before.reading(uid).relation.columns}
            if key.lower() in names:
                return uid
        return ""

    def _contract(self, uid: str, before: Reading | None, after: Reading) -> None:
        node = self._pair.head.project.models.get(uid)
        if not isinstance(node, Model) or not node.has_contract or after.statement is None:
            return
        relation = after.statement.relation
        if relation.open:
            return
        dialect = self._pair.after.dialect
        declared = {
            stored(c.name or k, dialect).lower(): c.name or k for k, c in node.columns.items()
        }
        given = {key.lower(): value.name for key, value in relation.columns.items()}
        for key in declared.keys() - given.keys():
            self._add(
                uid, declared[key], uid, "its contract declares a column that its SQL lacks", True
            )
        for key in given.keys() - declared.keys():
            self._add(
                uid, given[key], uid, "its SQL has a column that its contract doesn't declare", True
            )
        if before is not None and before.statement is not None and uid in self._pair.edited:
            self._contract_types(uid, before.statement, after.statement)

    def _contract_types(self, uid: str, before: Statement, after: Statement) -> None:
        for key, value in after.relation.columns.items():
            old = before.relation.columns.get(key)
            if old is None or not (old.type and value.type):
                continue
            was, is_ = old.type.partition(":")[0], value.type.partition(":")[0]
            if was.replace("digits", "text") != is_.replace("digits", "text"):
                reason = f"its contract was written for {was}, and the column is now {is_}"
                self._add(uid, value.name, uid, reason, False)

    def _keys(self, uid: str, before: Reading | None, after: Reading) -> None:
        """Settings that name columns: a snapshot's and an incremental model's keys."""
        node = self._pair.head.project.relations[uid]
        if after.relation.open or before is None or before.relation.open:
            return
        if not (isinstance(node, Snapshot) or getattr(node, "materialized", "") == "incremental"):
            return
        settings = self._pair.head.code.node(uid).settings
        named: list[str] = []
        for key in ("unique_key", "updated_at", "check_cols", "event_time"):
            value = settings.get(key)
            named += [
                v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)
            ]
        had = {key.lower() for key in before.relation.columns}
        has = {key.lower() for key in after.relation.columns}
        for name in named:
            if name.isidentifier() and name.lower() in had - has:
                self._add(uid, name, uid, "its settings name a column that it no longer has", True)

    def _unseen(self, uid: str, after: Reading) -> None:
        """What can't be read may read a column that is gone."""
        if not after.unread:
            return
        for parent in self._pair.head.project.parents.get(uid, ()):
            for name in self._gone(parent):
                reason = f"it may read the column, and can't be seen through: {after.unread}"
                self._add(uid, name, parent, reason, False)

    def _gone(self, uid: str) -> list[str]:
        pair = self._pair
        if uid not in pair.suspects or uid not in pair.base.project.relations:
            return []
        if uid not in pair.head.project.relations:
            return []
        before, after = pair.before.reading(uid).relation, pair.after.reading(uid).relation
        if before.open or after.open:
            return []
        return [value.name for key, value in before.columns.items() if key not in after.columns]

    # -- tests ---------------------------------------------------------------------------------

    def _test(self, uid: str, parents: Iterable[str]) -> None:
        pair = self._pair
        if not any(parent in pair.suspects for parent in parents):
            return
        sql = pair.head.code.node(uid).compiled
        if not sql:
            self._named_column(uid)
            return
        for parent in parents:
            if parent in pair.head.project.relations:
                pair.after.reading(parent)
        try:
            after = pair.after.statement(uid, sql)
        except UnreadableSqlError:
            self._named_column(uid)
            return
        before = None
        old = pair.base.code.node(uid).compiled
        if old:
            for parent in pair.base.project.parents.get(uid, ()):
                if parent in pair.base.project.relations:
                    pair.before.reading(parent)
            try:
                before = pair.before.statement(uid, old)
            except UnreadableSqlError:
                return
        self._statement(uid, before, after)

    def _named_column(self, uid: str) -> None:
        test = self._pair.head.project.nodes[uid]
        column = getattr(test, "column_name", None)
        on = getattr(test, "attached_node", None)
        if not on or not column:
            return
        for name in self._gone(on):
            if name.lower() == str(column).strip('"`').lower():
                self._add(uid, name, on, "it tests a column that is gone", True)

    def _unit_test(self, uid: str, parents: Iterable[str]) -> None:
        entry = self._pair.head.code.entry("unit_tests", uid)
        tested = [p for p in parents if p.startswith("model.")]
        model = str(entry.get("model") or "")
        gone = {
            parent: {name.lower() for name in self._gone(parent)}
            for one in tested
            for parent in (one, *self._pair.head.project.parents.get(one, ()))
        }
        for given in map(keys_of, items_of(entry.get("given"))):
            source = str(given.get("input") or "")
            for parent, names in gone.items():
                if parent.rpartition(".")[2] in source:
                    self._rows(uid, parent, names, given.get("rows"))
        for parent, names in gone.items():
            if parent.rpartition(".")[2] == model or model in parent.split("."):
                self._rows(uid, parent, names, keys_of(entry.get("expect")).get("rows"))

    def _rows(self, uid: str, parent: str, gone: set[str], rows: Any) -> None:
        used = {
            str(key) for row in rows or () if isinstance(row, Mapping) for key in row
        } if isinstance(rows, list) else set()  # fmt: skip
        for name in sorted(used):
            if name.lower() in gone:
                self._add(uid, name, parent, "its rows name a column that is gone", True)

    # -- the semantic layer --------------------------------------------------------------------

    def _semantic(self) -> None:
        fine = {
            (e.model, e.kind, e.name)
            for elements in self._before.elements.values()
            for e in elements
            if not e.missing
        }
        lost: dict[str, list[Element]] = {}
        for uid, elements in sorted(self._after.elements.items()):
            above = self._pair.head.project.parents.get(uid, ())
            if any(parent in self._broken for parent in above):
                continue
            for one in elements:
                if one.missing and ((uid, one.kind, one.name) in fine or not self._known(uid, one)):
                    lost.setdefault(uid, []).append(one)
                    reason = f"its {one.kind} {one.name} reads a column that is gone"
                    self._add(uid, one.missing[0], next(iter(above), ""), reason, True)
        self._queries()

    def _known(self, uid: str, one: Element) -> bool:
        return any(
            (e.kind, e.name) == (one.kind, one.name) for e in self._before.elements.get(uid, ())
        )

    def _queries(self) -> None:
        """Metrics and saved queries that can't be queried any longer."""
        before = read_by(self._before, self._pair.base.code)
        after = read_by(self._after, self._pair.head.code)
        nameless: dict[str, str] = {}
        for uid in in_order(self._pair.head.project.parents):
            if uid not in self._after.named:
                continue
            old = before.get(uid, Reads())
            gone = next((one for one in after[uid].missing if not self._hit(one)), None)
            if gone is None or old.missing:
                if not self._named(uid, nameless) and not old.too_fine:
                    self._too_fine(uid, after[uid])
                continue
            reason = f"its {gone.kind} {gone.name} reads a column that is gone"
            above = next(iter(self._above(gone)), "")
            self._add(uid, gone.missing[0], above, reason, gone.kind != SPINE)

    def _too_fine(self, uid: str, reads: Reads) -> None:
        """A time is asked for by a finer grain than it has now."""
        for name, grain, one in reads.too_fine[:1]:
            what = f"its {SPINE}" if one.kind == SPINE else one.name
            reason = f"it asks for {name} by {grain}, and {what} now goes by {one.grain}"
            self._add(uid, "", "", reason, uid in self._before.named and one.kind != SPINE)

    def _above(self, one: Element) -> tuple[str, ...]:
        project = self._pair.head.project
        return (one.model,) if one.kind == SPINE else project.parents.get(one.model, ())

    def _hit(self, one: Element) -> bool:
        """Whether an element is of a model that breaks itself, and so is told there."""
        return any(parent in self._broken for parent in self._above(one))

    def _named(self, uid: str, nameless: dict[str, str]) -> bool:
        """A dimension or entity that a filter names, or a saved query groups by, is gone.

        `nameless` are the metrics this was found of, and the name. Returns whether one is.
        """
        before, after = self._before, self._after
        if not all(is_there(name, before.names) for name in before.named.get(uid, ())):
            return False
        gone = [(name, "it") for name in after.named[uid] if not is_there(name, after.names)]
        for parent in self._pair.head.project.parents.get(uid, ()):
            if parent in nameless:
                label = self._pair.head.project.nodes_by_id[parent].label
                gone.append((nameless[parent], f"{label}, which it asks for,"))
        for name, who in gone[:1]:
            nameless[uid] = name
            column, above = self._named_before(name)
            reason = f"{who} names {name}, which is gone"
            self._add(uid, column, above, reason, uid in before.named)
        return bool(gone)

    def _named_before(self, name: str) -> tuple[str, str]:
        """Return a column that a name stood for, and the node that has, or had, it."""
        *way, last = steps_of(name, self._before.names)
        named, likely = [], []
        for model, elements in sorted(self._before.elements.items()):
            entities = {one.name.lower() for one in elements if one.kind == "entity"}
            for one in elements:
                if one.kind != "measure" and one.name.lower() == last:
                    named.append((model, one))
                    likely += [(model, one)] if not way or way[-1] in entities else []
        for model, one in likely or named:
            above = self._pair.base.project.parents.get(model, ())
            return next(iter(one.columns), last), next(iter(above), "")
        return last, ""

    # -- the answer ----------------------------------------------------------------------------

    def _add(self, uid: str, column: str, upstream: str, reason: str, certain: bool) -> None:
        project = self._pair.head.project
        node = project.nodes_by_id[uid]
        below = [one for one in walk(uid, project.readers) if one != uid]
        told = [project.nodes_by_id[one] for one in (uid, *below)]
        owners = dict.fromkeys(owner for one in told if (owner := owner_of(one, project)))
        self._found.append(
            Break(
                unique_id=uid,
                name=node.label,
                kind=node.kind,
                column="" if column == "*" else column,
                upstream=upstream,
                reason=reason,
                certain=certain,
                hits=tuple(one for one in below if isinstance(project.nodes_by_id[one], _TOLD)),
                owners=tuple(owners),
            )
        )


def _reason(problem: Problem) -> str:
    if problem.column == "*":
        return "both sides of a set operation must have as many columns"
    if problem.kind == "ungrouped":
        return f"it selects {problem.column} beside aggregates, and doesn't group by it"
    if problem.kind == "ambiguous":
        return f"several of the relations it reads have a column {problem.column}: which is meant?"
    return f"it reads the column {problem.column}, which nothing it reads has"
