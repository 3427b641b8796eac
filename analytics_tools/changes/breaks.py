"""What worked in base and doesn't in head."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from analytics_tools.artifacts.naming import steps_of
from analytics_tools.artifacts.nodes import Exposure, Metric, SavedQuery, Snapshot
from analytics_tools.changes import contracts
from analytics_tools.changes.answer import Break
from analytics_tools.changes.bound import Said
from analytics_tools.changes.guards import Guards, gone
from analytics_tools.changes.pair import Pair
from analytics_tools.changes.queries import Reads, read_by
from analytics_tools.changes.reasons import (
    RAN,
    STRICT,
    WORDS,
    is_certain,
    said_of_clash,
    said_of_problem,
)
from analytics_tools.changes.references import (
    columns_named,
    is_there,
    keys_in_use,
    lost_names,
    named_by_hooks,
)
from analytics_tools.changes.semantic import SPINE, Element, Semantics
from analytics_tools.graph import in_order, walk
from analytics_tools.impact import owner_of
from analytics_tools.lineage import Reading
from analytics_tools.lineage.texts import is_ephemeral
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.findings import Clash, Problem
from analytics_tools.sql.statement import Statement

_KEYS = ("unique_key", "updated_at", "check_cols", "event_time", "merge_update_columns")
_REFUSED = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_TOLD = (Exposure, Metric, SavedQuery)


class Breaks:
    """Finds what breaks, nearest to the cause first; what stands on it is told as hit."""

    def __init__(self, pair: Pair, before: Semantics, after: Semantics) -> None:
        self._pair = pair
        self._before, self._after = before, after
        self._broken: set[str] = set()
        self._skipped: set[str] = set()  # of the broken, what only stands on broken ones
        self._found: list[Break] = []
        # By model: what breaks in its own SQL, and what breaks in who reads it where it is inlined.
        self._own: dict[str, list[Break]] = {}
        self._inlined: dict[str, list[Break]] = {}
        self._guards = Guards(pair, self._add, self._statement)

    def find(self) -> tuple[Break, ...]:
        """Return every break."""
        pair = self._pair
        self._unbuilt()
        for uid in in_order(pair.head.project.parents):
            if uid not in pair.suspects and not uid.startswith(("test.", "unit_test.")):
                continue
            parents = pair.head.project.parents.get(uid, ())
            if uid.startswith("unit_test."):
                self._unit_test(uid, parents)
            elif any(parent in self._broken for parent in parents):
                if uid in pair.head.project.relations:
                    self._broken.add(uid)
                    self._skipped.add(uid)
            elif uid.startswith("test."):
                self._test(uid, parents)
            elif uid in pair.head.project.relations:
                self._node(uid, parents)
        self._semantic()
        return tuple(self._found)

    def _unbuilt(self) -> None:
        """Models that are told to be built in a way that no macro knows."""
        known = {key.rpartition(".")[2] for key in self._pair.head.code.macros or {}}
        if "materialization_table_default" not in known:
            return  # nobody kept the macros
        for uid, model in self._pair.head.project.models.items():
            old, way = self._pair.base.project.models.get(uid), model.materialized
            if is_ephemeral(model) or (old is not None and old.materialized == way):
                continue
            if not any(name.startswith(f"materialization_{way}_") for name in known):
                self._add(uid, "", "", f"no macro builds what is materialized as {way}", True)
                self._broken.add(uid)

    def _unit_test(self, uid: str, parents: Iterable[str]) -> None:
        """dbt runs it before its model, and not at all where it doesn't come to that."""
        if self._skipped.isdisjoint(parents):
            own = [one for parent in parents for one in self._own.get(parent, ())]
            self._guards.unit_test(uid, own)

    # -- nodes ---------------------------------------------------------------------------------

    def _node(self, uid: str, parents: Iterable[str]) -> None:
        pair = self._pair
        after = pair.after.reading(uid)
        before = pair.before.reading(uid) if uid in pair.base.project.relations else None
        inlines = is_ephemeral(pair.head.project.relations[uid])
        count = len(self._found)
        self._through(uid, parents)
        inlined = len(self._found)
        if after.statement is not None:
            self._statement(uid, before.statement if before else None, after.statement)
            self._refused(uid, self._pair.refusals.node, count)
            self._own[uid] = self._found[inlined:]
            if not inlines:  # dbt holds nothing to a contract that it doesn't build
                for fault in contracts.faults(pair, uid, before, after):
                    self._add(uid, fault.column, uid, fault.reason, fault.certain)
            self._hooks(uid, before, after)
        elif before is not None:
            self._refused(uid, self._pair.refusals.node, count)
            if len(self._found) == inlined and not self._pair.refusals.binds(uid):
                self._unseen(uid, before, after)
        self._strays(uid)
        stops = len(self._found)
        if after.statement is not None:
            self._later(uid, before, after)
            self._keys(uid, before, after)
        told = len(self._found)
        self._fails(uid, count)
        if len(self._found) == count:
            return
        if inlines:
            self._inlined[uid] = self._found[count:]
            del self._found[count:]
        elif stops > count or len(self._found) > told:
            self._broken.add(uid)  # where a later run alone fails, a first one goes on below

    def _refused(self, uid: str, ask: Callable[[str], Said | None], start: int) -> None:
        """Ask DuckDB, where nothing certain was found in what was found from `start` on."""
        if any(one.certain for one in self._found[start:]):
            return
        said = ask(uid)
        if said is not None and (said.certain or len(self._found) == start):
            named = _REFUSED.search(said.fault)
            column = named.group(1) if named else ""
            self._add(uid, column, "", f"DuckDB refuses it: {said.fault}", said.certain)

    def _fails(self, uid: str, start: int) -> None:
        """Ask how it ran in head, or have it run on the seeds, where nothing certain was found
        from `start` on."""
        if any(one.certain for one in self._found[start:]):
            return
        ran = self._ran(uid)
        fault = "" if ran else self._pair.contents.fault(uid)
        if ran or fault:
            reason = ran or f"DuckDB fails at it, on the seeds as they are: {fault}"
            self._add(uid, "", "", reason, True)

    def _ran(self, uid: str) -> str:
        """Return what head's last run failed at, where base's came to an end."""
        base, head = self._pair.base, self._pair.head
        was_run = uid in base.project.results or uid not in base.project.nodes_by_id
        failure = head.failure(uid) if was_run and not base.failure(uid) else ""
        return RAN + failure if failure else ""

    def _test(self, uid: str, parents: Sequence[str]) -> None:
        start = len(self._found)
        self._through(uid, parents)
        if self._guards.test(uid, parents):
            self._strays(uid)
            self._refused(uid, self._pair.refusals.test, start)
            self._fails(uid, start)

    def _strays(self, uid: str) -> None:
        for reason in lost_names(self._pair, uid):
            self._add(uid, "", "", reason, False)

    def _through(self, uid: str, parents: Iterable[str]) -> None:
        """An ephemeral model is part of who reads it: there its SQL doesn't work."""
        for parent in parents:
            for one in self._inlined.get(parent, ()):
                reason = one.reason
                if not reason.startswith("through "):
                    reason = f"through the ephemeral {one.name} {reason}"
                self._add(uid, one.column, one.upstream, reason, one.certain)

    def _statement(
        self, uid: str, before: Statement | None, after: Statement, surely: bool = False
    ) -> None:
        """Tell what a statement of head misses; `surely` leaves out what is only likely."""
        old = {(p.column.lower(), p.nodes) for p in before.problems} if before else set()
        for problem in after.problems:
            if (problem.column.lower(), problem.nodes) in old:
                continue
            if before is not None and not self._lost(problem) and problem.column != "*":
                sure = problem.sure and bool(problem.nodes)
            else:
                sure = problem.sure
            if sure or not surely:
                self._add(
                    uid, problem.column, self._upstream(problem), said_of_problem(problem), sure
                )
        if before is not None and before.relation.whole == after.relation.whole:
            return  # what is only written otherwise gets on as before
        if before is None and uid not in self._pair.head.project.relations:
            return
        known = {(clash.kind, clash.sql) for clash in before.clashes} if before else set()
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
                    reason = f"in a later run, {said_of_problem(problem)}"
                    sure = problem.sure and len(after.later) == 1
                    self._add(uid, problem.column, self._upstream(problem), reason, sure)

    def _clash(self, uid: str, clash: Clash) -> None:
        if clash.kind == "parse" and uid in self._pair.edited:
            return  # it casts what was text before
        certain = is_certain(clash, self._pair.head.project.adapter)
        if certain is not None:
            self._add(uid, "", "", said_of_clash(clash), certain)

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

    def _keys(self, uid: str, before: Reading | None, after: Reading) -> None:
        """Settings that name columns: a snapshot's and an incremental model's keys."""
        node = self._pair.head.project.relations[uid]
        if after.relation.open or before is None or before.relation.open:
            return
        if not (isinstance(node, Snapshot) or getattr(node, "materialized", "") == "incremental"):
            return
        old, new = (side.code.node(uid).settings for side in (self._pair.base, self._pair.head))
        had = {key.lower() for key in before.relation.columns}
        has = {key.lower() for key in after.relation.columns}
        told = columns_named(new, _KEYS)
        used = keys_in_use(new, isinstance(node, Snapshot))
        changed = [n for n in columns_named(new, used) if n not in columns_named(old, used)]
        for name in told:
            if name.lower() in had - has:
                self._add(uid, name, uid, "its settings name a column that it no longer has", True)
            elif name in changed and name.lower() not in has:
                self._add(uid, name, uid, "its settings name a column that it doesn't have", True)

    def _hooks(self, uid: str, before: Reading | None, after: Reading) -> None:
        """What runs beside a model names columns of it."""
        if after.relation.open or (before is not None and before.relation.open):
            return
        old, new = (side.code.node(uid).settings for side in (self._pair.base, self._pair.head))
        had = frozenset(key.lower() for key in before.relation.columns) if before else frozenset()
        has = frozenset(key.lower() for key in after.relation.columns)
        for name, sure in sorted(named_by_hooks(old, new, had, has).items()):
            self._add(uid, name, uid, "its hook names a column that it doesn't have", sure)

    def _unseen(self, uid: str, before: Reading, after: Reading) -> None:
        """What can't be read may read a column that is gone, or be no SQL at all."""
        if not after.unread:
            return
        if before.statement is not None and self._pair.head.code.node(uid).compiled:
            self._add(uid, "", "", f"its SQL can't be parsed: {after.unread}", False)
        for parent in self._pair.head.project.parents.get(uid, ()):
            for name in gone(self._pair, parent):
                reason = f"it may read the column, and can't be seen through: {after.unread}"
                self._add(uid, name, parent, reason, False)

    # -- the semantic layer --------------------------------------------------------------------

    def _semantic(self) -> None:
        before = {
            (one.model, one.kind, one.name): one
            for elements in self._before.elements.values()
            for one in elements
        }
        for uid, elements in sorted(self._after.elements.items()):
            above = self._pair.head.project.parents.get(uid, ())
            if any(parent in self._broken for parent in above):
                continue
            for one in elements:
                old = before.get((uid, one.kind, one.name))
                if not one.works and _is_new(one, [old] if old else []):
                    self._element(uid, one, next(iter(above), ""))
        self._queries()

    def _queries(self) -> None:
        """Metrics and saved queries that can't be queried any longer."""
        before = read_by(self._before, self._pair.base.code)
        after = read_by(self._after, self._pair.head.code)
        nameless: dict[str, str] = {}
        for uid in in_order(self._pair.head.project.parents):
            if uid not in self._after.named:
                continue
            old = before.get(uid, Reads())
            faults = [one for one in after[uid].faulty if not self._hit(one)]
            fault = min(faults, key=lambda one: not one.missing, default=None)
            if fault is None or not _is_new(fault, old.faulty):
                if not self._nameless(uid, nameless) and not old.too_fine:
                    self._too_fine(uid, after[uid])
                continue
            self._element(uid, fault, next(iter(self._above(fault)), ""))

    def _element(self, uid: str, one: Element, above: str) -> None:
        """Something reads an entity, dimension or measure that can't be read."""
        if one.missing:
            reason = f"its {one.kind} {one.name} reads a column that is gone"
            self._add(uid, one.missing[0], above, reason, one.kind != SPINE)
            return
        if one.refused:
            reason = f"DuckDB refuses its {one.kind} {one.name}: {one.refused}"
            self._add(uid, next(iter(one.columns), ""), above, reason, True)
            return
        strict = self._pair.head.project.adapter in ("duckdb", *STRICT)
        if strict or one.unfit == "text":
            wanted = "a number" if one.kind == "measure" else "a time"
            reason = f"its {one.kind} {one.name} takes {WORDS[one.unfit]} for {wanted}"
            self._add(uid, one.columns[0], above, reason, strict and one.kind != SPINE)

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

    def _nameless(self, uid: str, nameless: dict[str, str]) -> bool:
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

    def _of(self, uid: str) -> list[Break]:
        return [one for one in self._found if one.unique_id == uid]

    def _add(self, uid: str, column: str, upstream: str, reason: str, certain: bool) -> None:
        column = "" if column == "*" else column
        if any(b.reason.endswith(reason) for b in self._of(uid) if b.column == column):
            return  # told, if through an ephemeral model
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
                column=column,
                upstream=upstream,
                reason=reason,
                certain=certain,
                hits=tuple(one for one in below if isinstance(project.nodes_by_id[one], _TOLD)),
                owners=tuple(owners),
            )
        )


def _is_new(fault: Element, before: Iterable[Element]) -> bool:
    """Whether nothing that was read before had such a fault, or one as grave."""
    return not any(
        one.missing or ((one.unfit or one.refused) and not fault.missing) for one in before
    )
