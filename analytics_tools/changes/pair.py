"""Two versions of a project, made comparable and read no further than needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

from analytics_tools.artifacts import CatalogTable, Model
from analytics_tools.artifacts.code import items_of
from analytics_tools.artifacts.nodes import Seed, Snapshot, Source
from analytics_tools.changes.chance import Chance
from analytics_tools.changes.contents import Contents
from analytics_tools.changes.functions import called, edited_by_hooks, edited_functions
from analytics_tools.changes.macros import Macros
from analytics_tools.changes.refusals import Refusals, refusals_of
from analytics_tools.changes.runs import LaterRuns
from analytics_tools.changes.seeds import Files, as_later, seed_files, seeds_by_content
from analytics_tools.changes.settings import Settings, compare, elsewhere
from analytics_tools.changes.side import Side
from analytics_tools.changes.sources import moved_sources
from analytics_tools.graph import in_order
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.memory import Memory, Remembered
from analytics_tools.lineage.texts import inlined, is_ephemeral, reads
from analytics_tools.sql.relation import Relation, reordered


def _names(relation: Relation) -> list[str]:
    return [value.name for value in relation.columns.values()]


class Pair:
    """Base and head, with what both can be compared by.

    `settings` are by unique id, for nodes on both sides. `notes` say what had to be assumed.
    `alike` are the nodes that were run on both sides, and hold the same though their code, or what
    they read, says something else; as far as they were read. `seeds` are known by content.
    """

    def __init__(self, base: Side, head: Side, memory: Memory | None = None) -> None:
        self.base, self.head = base, head
        self.macros = Macros(base.code, head.code)
        self.notes: dict[str, list[str]] = {}
        self.alike: set[str] = set()
        self._chance = Chance(self)
        shared = Remembered(memory)
        self._plain_base = Lineages(base.project, base.code, "base")
        self._plain_head = Lineages(head.project, head.code, "head")
        code_of = self._explained()
        self.runs = LaterRuns((base.project, base.code), (head.project, head.code), self.macros)
        self._moved = moved_sources(self._plain_base, self._plain_head)
        self.listed = tables = self._tables()
        self._salted = salts = self._salts()

        base_lineages = partial(
            Lineages, base.project, base.code, "base", shared, None, tables[0],
            runs=self.runs.on(0), wary=True, asking=self.macros.asking_for_columns(base.code),
        )  # fmt: skip
        self.head_lineages = partial(
            Lineages, head.project, head.code, "head", shared, code_of, tables[1], salts,
            runs=self.runs.on(1), wary=True, asking=self.macros.asking_for_columns(head.code),
        )  # fmt: skip
        self.seeds = one, two = seeds_by_content(base, head, self._files)
        self._blind: tuple[Lineages, Lineages] | None = None
        if all(self._files):
            later = as_later(self.seeds)
            self._blind = base_lineages(seeds=later[0]), self.head_lineages(seeds=later[1])
        blind = self._blind or (None, None)
        self.before = base_lineages(seeds=one, blind=blind[0])
        self.after = self.head_lineages(seeds=two, blind=blind[1], settle=self._settled)

    def _as_before(self, uid: str, relation: Relation) -> Relation:
        """Return what a node of head is taken for: what it was in base, where it holds the same.

        The order of its rows may be another one, by which a sum of doubles ends in another digit.
        """
        if uid not in self.base.project.relations or uid in self._salted:
            return relation
        before = self.before.reading(uid).relation
        closed = not before.open and not relation.open
        if closed and _names(before) != _names(relation):
            return relation
        if before.bag == relation.bag:
            may_turn = before.seq.id != relation.seq.id and closed and uid in self.edited
            is_kept = may_turn and self.contents.same(uid) and self._chance.keeps_order(uid)
            return before if is_kept else relation
        if not self.contents.same(uid):
            return relation
        if self._chance.decides(uid, relation):
            return relation
        self.alike.add(uid)
        if self._chance.keeps_order(uid):
            return before
        return reordered(before, "order", relation.seq.id)

    def _settled(self, uid: str, relation: Relation) -> Relation:
        """Return what the readers of a node of head see."""
        made = self._as_before(uid, relation) if self._blind else relation
        ways = self._ways(uid)
        return reordered(made, *sorted(ways)) if len(ways) > 1 else made

    def _ways(self, uid: str) -> set[str]:
        """Return how a model is materialized on both sides: by that its rows come in an order."""
        models = self.base.project.models, self.head.project.models
        return {one[uid].materialized for one in models if uid in one}

    def hangs_on_seeds(self, uid: str) -> bool:
        """Whether a node is what it was for what is in the seeds of today."""
        if uid in self.alike:
            return True
        if self._blind is None:
            return False
        before, after = (side.reading(uid).relation.content for side in self._blind)
        return before != after

    @cached_property
    def contents(self) -> Contents:
        """What relations hold that stand on seeds alone, where DuckDB can be asked."""
        return Contents(
            (self.before, self.after),
            self._files,
            (lambda uid: self._shows(self.base, uid), lambda uid: self._shows(self.head, uid)),
        )

    @cached_property
    def _files(self) -> Files:
        return seed_files(self.base, self.head)

    def _shows(self, side: Side, uid: str) -> bool:
        """Whether all that makes a model is in its SQL, as it was compiled."""
        if self._begins:
            return False
        parts = (uid, *inlined(side.project, uid))
        return not any(
            one in self._salted or self.macros.asks(side.code, side.code.node(one)) for one in parts
        )

    @cached_property
    def _begins(self) -> bool:
        """Whether something runs first, that may make functions, or set what SQL goes by."""
        return any(
            uid.startswith("operation.") and "on-run-start" in items_of(node.tags)
            for side in (self.base, self.head)
            for uid, node in (side.code.nodes or {}).items()
        )

    @cached_property
    def both(self) -> list[str]:
        """The nodes with a relation that both sides have, each after its parents in head."""
        known = self.base.project.relations.keys() & self.head.project.relations.keys()
        return [uid for uid in in_order(self.head.project.parents) if uid in known]

    @cached_property
    def settings(self) -> Mapping[str, Settings]:
        """What differs in the settings of each node on both sides."""
        found = {
            uid: compare(self.base.code.node(uid), self.head.code.node(uid)) for uid in self.both
        }
        for uid in self.both if self.macros.placing else ():
            relations = (side.project.relations[uid] for side in (self.base, self.head))
            found[uid] = elsewhere(found[uid], *relations)
        return {uid: one for uid, one in found.items() if one != Settings()}

    @cached_property
    def relocated(self) -> frozenset[str]:
        """The nodes of base under whose name nothing is built any longer, or something else is."""
        moves = {uid for uid, one in self.settings.items() if one.moves}
        gone = self.base.project.relations.keys() - self.head.project.relations.keys()
        return frozenset(moves | gone)

    @cached_property
    def suspects(self) -> frozenset[str]:
        """The nodes that have to be looked at: edited ones, and those below them."""
        known = set(self.both)
        suspects: set[str] = set()
        before = -1
        while before < len(suspects):  # dbt's order knows nothing of reads without ref()
            before = len(suspects)
            for uid in in_order(self.head.project.parents):
                if uid not in self.head.project.relations or uid in suspects:
                    continue
                if uid not in known or self._is_suspect(uid, suspects):
                    suspects.add(uid)
            if not any(self.after.unlisted(uid) for uid in known - suspects):
                break
        return frozenset(suspects)

    def _is_suspect(self, uid: str, suspects: set[str]) -> bool:
        above = self.head.project.parents.get(uid, ())
        if uid in self.edited or len(self._ways(uid)) > 1:
            return True
        if above != self.base.project.parents.get(uid, ()):
            return True
        if not suspects.isdisjoint(above) or self.after.names.twin(uid) in suspects:
            return True
        if self.read_elsewhere(uid):
            return True
        return not suspects.isdisjoint(self.after.unlisted(uid))

    @cached_property
    def refusals(self) -> Refusals:
        """What DuckDB refuses, where it can be asked."""
        return refusals_of(self)

    @cached_property
    def edited(self) -> frozenset[str]:
        """The nodes on both sides whose own SQL, file or place of origin differs."""
        return frozenset(uid for uid in self.both if self._is_edited(uid))

    def _is_edited(self, uid: str) -> bool:
        before, after = self.base.code.node(uid), self.head.code.node(uid)
        node = self.head.project.relations[uid]
        settings = self.settings.get(uid)
        if uid in self._salted or (settings and "contract" in settings.fields):
            return True
        if self._runs_otherwise(uid):
            return True
        if isinstance(node, Seed):
            shape = ("column_types", "delimiter", "quote_columns")
            if any(before.settings.get(k) != after.settings.get(k) for k in shape):
                return True
            checksum = before.checksum if isinstance(before.checksum, dict) else {}
            return before.checksum != after.checksum or checksum.get("name") not in (
                "sha256",
                "md5",
            )
        if isinstance(node, Source):
            return uid in self._moved
        if isinstance(node, Model) and (node.language or "sql") != "sql":
            return not self.macros.same(before, after)
        if isinstance(node, Snapshot) and before.settings != after.settings and settings:
            return True
        if not self.after.sql_of(uid) or not self.before.sql_of(uid):
            return not self.macros.same(before, after) or bool(self._unseen(uid))
        return self.before.canonical(uid) != self.after.canonical(uid)

    # -- what makes both sides comparable ------------------------------------------------------

    def _explained(self) -> dict[str, str]:
        """Return SQL of base for nodes of head that differ by nothing a change of code does.

        The same code and macros give other SQL by the day, or because one side was built
        incrementally; or one side was only parsed and has none. Settings of the run (vars, target)
        are another matter: then the data may differ.
        """
        found: dict[str, str] = {}
        for uid, node in self.head.project.models.items():
            if uid not in self.base.project.models or (node.language or "sql") != "sql":
                continue
            before, after = self.base.code.node(uid), self.head.code.node(uid)
            if before.compiled and after.compiled:
                if before.compiled == after.compiled or before.raw != after.raw:
                    continue
                if self._plain_base.canonical(uid) == self._plain_head.canonical(uid):
                    continue
            elif not before.compiled and not after.compiled:
                continue
            if not self.macros.same(before, after) or self._holds_edited(uid):
                continue
            if self._reads_others(uid):
                continue
            settings, moment = self.macros.mentions(after)
            if settings or not (moment or not (before.compiled and after.compiled)):
                self._note(uid, "its code is the same and its compiled SQL is not: a var, the "
                                "environment or what the warehouse holds differs")  # fmt: skip
                continue
            side = self._plain_base if before.compiled else None
            if side is not None:
                found[uid] = self._translated(uid)
        return found

    def _holds_edited(self, uid: str) -> bool:
        """Whether an ephemeral model that was edited is part of a node's SQL."""
        sides = [(self.base.code.node(u), self.head.code.node(u))
                 for u in inlined(self.head.project, uid)]  # fmt: skip
        return any(not self.macros.same(one, two) for one, two in sides)

    def _reads_others(self, uid: str) -> bool:
        """Whether the same code reads other nodes than it did, or one that is part of its SQL now:
        ``ref`` of a model goes to its latest version."""
        sides = self.base.project, self.head.project
        read = [{(one, is_ephemeral(side.relations.get(one))) for one in reads(side, uid)}
                for side in sides]  # fmt: skip
        return read[0] != read[1]

    def _translated(self, uid: str) -> str:
        """Return base's SQL of a node with the relations that head has."""
        text = self._plain_base.canonical(uid)
        for parent in (*self.base.project.parents.get(uid, ()), uid):
            node = self.head.project.relations.get(parent)
            if node is not None and node.relation_name:
                text = text.replace("{" + parent + "}", node.relation_name)
        return text

    def _note(self, uid: str, text: str) -> None:
        self.notes.setdefault(uid, []).append(text)

    def _tables(self) -> tuple[dict[str, CatalogTable], dict[str, CatalogTable]]:
        """Return what is known of tables, one side filled from the other."""
        base, head = dict(self.base.project.tables), dict(self.head.project.tables)
        for uid in {*self.base.project.relations} & {*self.head.project.relations}:
            node = self.head.project.relations[uid]
            if isinstance(node, Seed):
                one, two = self.base.code.node(uid).checksum, self.head.code.node(uid).checksum
                if one != two:
                    continue
            elif not isinstance(node, Source) or uid in self._moved:
                continue
            if uid in base and uid not in head:
                head[uid] = base[uid]
            elif uid in head and uid not in base:
                base[uid] = head[uid]
        return base, head

    def _runs_otherwise(self, uid: str) -> bool:
        """Whether later runs of an incremental model may do what they did not before."""
        before, after = self.base.code.node(uid), self.head.code.node(uid)
        same = before.raw == after.raw and self.macros.same(before, after)
        return not same and self.runs.differ(uid)

    def _functions(self, uid: str) -> list[str]:
        """Return the functions in the warehouse that a node calls and that changed."""
        made = self.made_by_hooks[0]
        if not self._edited_functions and not made:
            return []
        found = self._edited_functions.intersection(self.head.code.node(uid).parents)
        if made and not isinstance(self.head.project.relations[uid], Source | Seed):
            for side in (self._plain_base, self._plain_head):
                found |= made & called(side.sql_of(uid))
        return sorted(found)

    def read_elsewhere(self, uid: str) -> set[str]:
        """Return the relocated nodes that a node of both sides read in base."""
        if not self.relocated:
            return set()
        above = self.base.project.parents.get(uid, ())
        return set(self.relocated.intersection((*above, *self.before.unlisted(uid))))

    @cached_property
    def made_by_hooks(self) -> tuple[set[str], set[str]]:
        """The functions that `on-run-start` makes otherwise, and those it makes no longer."""
        return edited_by_hooks(self.macros, self.base.code, self.head.code)

    @cached_property
    def _edited_functions(self) -> set[str]:
        return edited_functions(self.base.code, self.head.code)

    def _read_by_other_times(self, uid: str) -> list[str]:
        """Return the parents of a microbatch model that dbt now filters by another column."""
        if self.head.code.node(uid).settings.get("incremental_strategy") != "microbatch":
            return []
        return [
            parent
            for parent in self.head.project.parents.get(uid, ())
            if parent in self.settings and "event_time" in self.settings[parent].fields
        ]

    def _unseen(self, uid: str) -> str:
        """Say what may differ in a node of which neither side has the SQL that runs."""
        if not isinstance(self.head.project.relations[uid], Model | Snapshot):
            return ""
        if self._plain_base.sql_of(uid) and self._plain_head.sql_of(uid):
            return ""
        before, after = self.base.code.node(uid), self.head.code.node(uid)
        if before.raw == after.raw and not self.macros.same(before, after):
            return "a macro that it calls changed"
        made = self.base.project.generated_at
        if made and made == self.head.project.generated_at:
            return ""  # one manifest, given twice
        settings = self.macros.mentions(after)[0]
        return "it reads a var, the environment or the target" if settings else ""

    def _salts(self) -> dict[str, str]:
        found = {uid: one.salt for uid, one in self.settings.items() if one.salt}
        for uid in self._moved:
            found[uid] = "moved"
            self._note(uid, "it is another table, or another file, than it was")
        for uid in self.both:
            for parent in self._read_by_other_times(uid):
                found[uid] = found.get(uid, "") + parent
                self._note(uid, f"its batches are cut by the event_time of {parent}, which changed")
            for one in self._functions(uid):
                found[uid] = found.get(uid, "") + one
                self._note(uid, f"it calls {one.rpartition('.')[2]}, which changed")
            unseen = self._unseen(uid)
            if unseen:
                found[uid] = found.get(uid, "") + unseen
                self._note(uid, f"{unseen}, and neither side shows what comes of it: "
                                "run dbt compile on both to know")  # fmt: skip
            if self._runs_otherwise(uid) and uid in self.runs.unknown:
                self._note(uid, "what it does in an incremental run may change")
            for macro in self.macros.in_hooks(self.head.code.node(uid)):
                found[uid] = found.get(uid, "") + macro
                self._note(uid, f"its hooks call {macro.rpartition('.')[2]}, which changed")
            built = self.macros.building
            node = self.head.project.relations[uid]
            if not built or not isinstance(node, Model | Snapshot | Seed):
                continue
            kind = self.head.code.node(uid).settings.get("materialized")
            for macro, of in built.items():
                if of in ("", kind) and kind != "ephemeral":
                    found[uid] = found.get(uid, "") + macro
                    self._note(
                        uid, f"{macro.rpartition('.')[2]} decides how it is built, and changed"
                    )
        return found
