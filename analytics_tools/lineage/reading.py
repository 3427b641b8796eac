"""Every node of a project as a relation, each read once and only when it is asked for."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from analytics_tools.artifacts import CatalogTable, Model, Project
from analytics_tools.artifacts import Relation as Node
from analytics_tools.artifacts.code import Code, NodeCode
from analytics_tools.artifacts.nodes import Seed, Snapshot, Source
from analytics_tools.graph import reachable
from analytics_tools.lineage.history import history, makes_its_own
from analytics_tools.lineage.memory import Memory
from analytics_tools.lineage.stored import (
    Runs,
    as_contracted,
    itself,
    of_a_file,
    of_many_runs,
    of_own_ways,
    over_runs,
    published,
)
from analytics_tools.lineage.texts import Texts, inlined, tidy
from analytics_tools.sql.combine import opaque
from analytics_tools.sql.declared import facts_of, family_of
from analytics_tools.sql.dialect import UnreadableSqlError, dialect_of, stored
from analytics_tools.sql.relation import How, Open, Relation, Rows, Value, h, quoted, salted
from analytics_tools.sql.statement import Statement

if TYPE_CHECKING:
    from sqlglot import exp

# Materializations that leave nothing of earlier runs.
BUILT_ANEW = frozenset(("table", "view", "ephemeral", "materialized_view"))
# Statements parsed between two sweeps of the memory.
_SWEEP = 400
_EPHEMERAL = "__dbt__cte__"
# The schema of all nodes in what `later` renders.
_NODE = "dbt node"


@dataclass(frozen=True)
class Reading:
    """A node as it was read.

    `relation` is what the node's readers see, and `kept` the same as taken from what it reads;
    `statement` what its own SQL yields, and `later` what it yields in later runs, as far as that
    was asked for and is known. What has no SQL has none of these three.
    `unread` says why nothing was seen through.
    """

    relation: Relation
    statement: Statement | None = None
    unread: str = ""
    later: tuple[Statement, ...] = ()
    kept: Relation | None = None


class Lineages(Texts):
    """The relations of one project.

    Args:
        side: told apart from other projects wherever content can't be compared.
        memory: of statements; shared between two projects it saves reading the same twice.
        code_of: replaces the SQL of some nodes, by unique id.
        tables: what is known of the columns of sources and seeds, instead of the catalog.
        seeds: those whose content is known.
        salts: enters the rows of some nodes, for what decides them besides their SQL.
        blind: the same project with other seeds, as a later run may find them: for what keeps rows
            of earlier runs.
        settle: says what a node's readers see, given what its SQL yields.
        asking: says whether a node's code asks the warehouse for the columns of what it reads: SQL
            that was compiled before these were built doesn't show them.
        wary: whether to look for reads without ``ref`` before a statement is remembered.
        runs: says what later runs of an incremental model do; None where that doesn't matter.
        rounded: whether sums that may end in another last digit are taken for the same.
    """

    def __init__(
        self,
        project: Project,
        code: Code,
        side: str = "",
        memory: Memory | None = None,
        code_of: Mapping[str, str] | None = None,
        tables: Mapping[str, CatalogTable] | None = None,
        salts: Mapping[str, str] | None = None,
        seeds: Mapping[str, Relation] | None = None,
        runs: Callable[[str], Runs | None] = lambda _: None,
        wary: bool = False,
        blind: Lineages | None = None,
        settle: Callable[[str, Relation], Relation] | None = None,
        asking: Callable[[str], bool] = lambda _: False,
        rounded: bool = False,
    ) -> None:
        super().__init__(project, code, code_of)
        self.side = side
        self.dialect = dialect_of(project.adapter)
        self._memory = memory
        self._tables = project.tables if tables is None else tables
        self._salts = salts or {}
        self._seeds = seeds or {}
        self._runs = runs
        self._parsed = 0
        # Whether the statement just read reads what dbt doesn't know of, and whether that may be
        # in one that is remembered.
        self._strayed = False
        self._wary = wary
        self._blind = blind
        self._settle = settle
        self._asking = asking
        self._rounded = rounded
        self._wholes: dict[str, str] = {}
        # By model that builds on its own table, what that table has.
        self._own: dict[str, Relation] = {}
        self._readings: MutableMapping[str, Reading] = {}

    def reading(self, uid: str) -> Reading:
        """Return a node, read. What it reads is read first, without recursion."""
        todo = [uid]
        while todo:
            one = todo[-1]
            if one in self._readings:
                todo.pop()
                continue
            missing = [p for p in self._inputs(one) if p not in self._readings and p not in todo]
            if missing:
                todo += missing
                continue
            self._readings[one] = self._read(one)
            todo.pop()
        return self._readings[uid]

    def _inputs(self, uid: str) -> list[str]:
        twin = self.names.twin(uid)
        if twin:
            return [twin]
        return [p for p in self.project.parents.get(uid, ()) if p in self.project.relations]

    # -- one node ------------------------------------------------------------------------------

    def _read(self, uid: str) -> Reading:
        node = self.project.relations.get(uid)
        if node is None:
            return Reading(_unknown(uid, h("absent", uid)))
        twin = self.names.twin(uid)
        if twin and twin in self._readings:
            return Reading(published(uid, self._readings[twin].relation))
        if isinstance(node, Source):
            moved = [quoted(self._salts[uid])] if uid in self._salts else []
            return Reading(self._leaf(node, h("source", uid, *moved)))
        if isinstance(node, Seed):
            known = self._seeds.get(uid)
            if known is not None:
                return Reading(known)
            return Reading(self._leaf(node, self._seed(uid)))
        code = self.code.node(uid)
        if isinstance(node, Model) and (node.language or "sql") != "sql":
            return self._unread(node, f"it is {node.language}", code)
        sql = self.sql_of(uid)
        if not sql:
            return self._unread(node, "it has no compiled code", code)
        try:
            statement = self.statement(uid, sql)
        except UnreadableSqlError as error:
            return self._unread(node, str(error), code)
        kept, later = self._stored(node, code, statement.relation)
        relation = published(uid, kept)
        if self._asking(uid):
            relation = salted(relation, "asked", *self._shapes(uid))
        if self._settle is not None:
            relation = self._settle(uid, relation)
        return Reading(relation, statement, statement.unread, later, kept)

    def is_remembered(self, uid: str) -> bool:
        """Whether reading a node, whose inputs have been read, takes no parser."""
        node = self.project.relations.get(uid)
        sql = "" if node is None or node.kind in ("source", "seed") else self.sql_of(uid)
        if not sql or self.names.twin(uid) or uid in self._readings:
            return True
        return self._memory is not None and self._memory.get(self._key(uid)) is not None

    def statement(self, uid: str, sql: str) -> Statement:
        """Return a statement of a node, read or remembered. Raises UnreadableSqlError."""
        # What the key doesn't hold, the memory can't tell apart.
        memory = self._memory is not None and not (self._wary and self.unlisted(uid))
        return self._remembered(uid, self.placed(uid, sql), self._key(uid) if memory else "")

    def _remembered(self, uid: str, sql: str, key: str) -> Statement:
        """Return a statement by its key, or read it; never remembered without one."""
        found = self._memory.get(key) if self._memory is not None and key else None
        if found is not None:
            return found

        from analytics_tools.sql.reader import read

        parents = self.project.parents.get(uid, ())

        def table(node: exp.Table) -> Relation:
            return self._table(uid, node, parents)

        def named(name: str, relation: Relation) -> Relation:
            return self._ephemeral(name, relation, uid)

        self._strayed = False
        statement = read(sql, self.dialect, table, named, self._rounded)
        key = "" if self._strayed else key
        self._parsed += 1
        if self._parsed % _SWEEP == 0 and not gc.isenabled():
            # Trees refer to themselves: without the collector they would stay for ever. What is
            # alive now is frozen, so that no sweep looks at it again.
            gc.collect()
            gc.freeze()
        if self._memory is not None and key:
            self._memory.put(key, statement)
        return statement

    def _key(self, uid: str, later: str = "") -> str:
        """Return what tells a statement from all others: its text, and all that it reads."""
        parents = self.project.parents.get(uid, ())
        known = [(p, self._whole(p)) for p in parents if p in self._readings]
        parts = (part for pair in known for part in pair)
        text = later or self.canonical(uid)
        kind = ("later" if later else "statement") + (" rounded" if self._rounded else "")
        own = [self._typed(self._own[uid])] if later else []
        return h(kind, self.dialect, quoted(text), *own, *parts)

    def _whole(self, uid: str) -> str:
        """Return the hash of all of a node that was read, and of the types that it has."""
        if uid not in self._wholes:
            self._wholes[uid] = self._typed(self._readings[uid].relation)
        return self._wholes[uid]

    @staticmethod
    def _typed(relation: Relation) -> str:
        types = (f"{value.type} {value.facts}" for value in relation.columns.values())
        return h("typed", relation.whole, *types)

    def _table(self, uid: str, node: exp.Table, parents: tuple[str, ...]) -> Relation:
        if node.db == _NODE:
            if node.name == uid:
                return self._own[uid]
            return self.reading(node.name).relation
        if node.db.startswith("dbt_external"):
            return self.reading(self.externals(uid)[int(node.name[1:])]).relation
        found = self.names.find(node, parents)
        if found == uid:
            return _unknown(uid, h("itself", uid))
        if found is not None and found not in self._readings:
            self.reading(found)
        if found is not None and found not in parents and found not in self._listed(uid):
            self._strayed = True  # read without ref(): dbt doesn't know of it
        if found is not None:
            return self._readings[found].relation
        text = quoted(node.sql(comments=False).lower())
        made = h("table", text)
        return Relation({}, Rows(made), Rows(made), (Open(made),))

    def _ephemeral(self, name: str, relation: Relation, reader: str) -> Relation:
        """Return an ephemeral model that dbt wrote into a node's SQL, as a node with columns."""
        if not name.lower().startswith(_EPHEMERAL):
            return relation
        wanted = name[len(_EPHEMERAL) :].lower()
        for uid in inlined(self.project, reader):
            node = self.project.models[uid]
            if wanted in ((node.alias or node.name).lower(), node.name.lower()):
                return published(uid, relation)
        return relation

    def _shapes(self, uid: str) -> list[str]:
        """Return the columns of what a node reads, one hash for each thing."""
        read = [self._readings[one].relation for one in self._inputs(uid)]
        return [
            h(*(quoted(f"{v.name} {v.type}") for v in one.columns.values()),
              "open", *(part.id for part in one.open))
            for one in read
        ]  # fmt: skip

    # -- what is no query ----------------------------------------------------------------------

    def _leaf(self, node: Node, base: str) -> Relation:
        """Return a source or a seed: its columns as the catalog has them, else any."""
        uid = node.unique_id
        table = self._tables.get(uid)
        rows = Rows(h("rows", base))
        if table is None or not table.columns:
            return Relation({}, rows, rows, (Open(base, uid, sure=True),), reads=frozenset({uid}))
        columns = {}
        for column in table.in_order():
            key = stored(column.name, self.dialect)
            columns[key] = Value(
                h("leaf", base, quoted(key)),
                column.name,
                {(uid, column.name): How.COPIED},
                family_of(column.type or "", self.dialect),
                facts=facts_of(column.type or "", self.dialect),
            )
        return Relation(columns, rows, rows, reads=frozenset({uid}))

    def _seed(self, uid: str) -> str:
        code = self.code.node(uid)
        checksum = code.checksum if isinstance(code.checksum, dict) else {}
        settings = {
            key: code.settings.get(key) for key in ("column_types", "delimiter", "quote_columns")
        }
        text = json.dumps([checksum, settings], sort_keys=True, default=str)
        # dbt only knows the path of a large seed, which says nothing of what is in it.
        unknown = checksum.get("name") not in ("sha256", "md5")
        return h("seed", uid, quoted(text), self.side if unknown else "")

    def _unread(self, node: Node, reason: str, code: NodeCode) -> Reading:
        inputs = [self._readings[p].relation for p in self._inputs(node.unique_id)]
        inputs = list(inputs)
        salt = quoted(self._salts.get(node.unique_id, ""))
        made = h("unread", quoted(code.raw or code.compiled), salt, *(one.whole for one in inputs))
        relation = opaque(made, inputs)
        table = self._tables.get(node.unique_id)
        if table is not None and table.columns:
            edges = relation.open[0].edges
            columns = {
                stored(c.name, self.dialect): Value(
                    h("unread column", made, quoted(c.name)), c.name, edges,
                    family_of(c.type or "", self.dialect), sure=False,
                )
                for c in table.in_order()
            }  # fmt: skip
            relation = replace(relation, columns=columns, open=())
        return Reading(published(node.unique_id, relation), None, reason)

    def _stored(
        self, node: Node, code: NodeCode, relation: Relation
    ) -> tuple[Relation, tuple[Statement, ...]]:
        """Return what is stored of a query, and what later runs select."""
        later: tuple[Statement, ...] = ()
        salt = self._salts.get(node.unique_id)
        if salt:
            rows = Rows(h("set", quoted(salt), relation.rows.id))
            relation = replace(relation, rows=rows, seq=rows, branches=())
        if isinstance(node, Snapshot):
            kept = history(code.settings, relation, self.dialect, self._makes_snapshots)
            return self._by_later_seeds(node, kept), ()
        if isinstance(node, Model) and node.materialized == "external":
            return of_a_file(relation, code.settings), ()
        if isinstance(node, Model) and node.materialized not in BUILT_ANEW:
            relation, later = self._over_runs(node, code, relation)
            relation = self._by_later_seeds(node, relation)
            relation = of_own_ways(node.materialized, relation, code.settings)
        return as_contracted(node, code, relation, self.dialect), later

    @cached_property
    def _makes_snapshots(self) -> bool:
        return makes_its_own(self.project)

    def _by_later_seeds(self, node: Node, relation: Relation) -> Relation:
        """Return what is kept from run to run, hanging on what other seeds would make of it."""
        if self._blind is None or node.unique_id not in self._on_seeds:
            return relation
        other = self._blind.reading(node.unique_id).relation
        rows = Rows(h("later seeds", relation.rows.id, other.rows.id,
                      *(value.id for _, value in sorted(other.columns.items()))))  # fmt: skip
        return replace(relation, rows=rows, seq=rows)

    @cached_property
    def _on_seeds(self) -> set[str]:
        """All that stands on a seed, of which a later run may find another one."""
        seeds = [uid for uid in self.project.relations if uid.startswith("seed.")]
        return reachable(seeds, self.project.children)

    def _over_runs(
        self, node: Model, code: NodeCode, relation: Relation
    ) -> tuple[Relation, tuple[Statement, ...]]:
        """Return a table that every run adds to, and what later ones select."""
        relation = of_many_runs(relation)
        runs = self._runs(node.unique_id)
        if runs is None:
            return relation, ()
        held = as_contracted(node, code, relation, self.dialect)
        self._own[node.unique_id] = itself(node.unique_id, held)
        more = [*runs.more, *(self.reading(uid).relation.whole for uid in runs.wholes)]
        found = []
        for text in runs.texts:
            try:
                found.append(
                    self._remembered(node.unique_id, text, self._key(node.unique_id, text))
                )
            except UnreadableSqlError:
                more += [
                    quoted(tidy(text)),
                    *(self._whole(uid) for uid in self._inputs(node.unique_id)),
                ]
        selected = [one.relation for one in found]
        made = over_runs(
            node.unique_id, relation, selected, code.settings, self.dialect, more, runs.asked
        )
        return made, tuple(found)


def _unknown(uid: str, base: str) -> Relation:
    rows = Rows(h("rows", base))
    return Relation({}, rows, rows, (Open(base, uid),), reads=frozenset({uid}))
