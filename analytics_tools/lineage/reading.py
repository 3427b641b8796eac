"""Every node of a project as a relation, each read once and only when it is asked for."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace
from sqlglot import exp

from analytics_tools.artifacts import CatalogTable, Model, Project
from analytics_tools.artifacts import Relation as Node
from analytics_tools.artifacts.code import Code, NodeCode
from analytics_tools.artifacts.nodes import Seed, Snapshot, Source
from analytics_tools.lineage.names import Names
from analytics_tools.lineage.stored import (
    as_declared,
    history,
    of_many_runs,
    promised,
    published,
)
from analytics_tools.sql import facts
from analytics_tools.sql.combine import opaque
from analytics_tools.sql.dialect import UnreadableSqlError, dialect_of, stored
from analytics_tools.sql.families import of_name
from analytics_tools.sql.relation import How, Open, Relation, Rows, Value, h, quoted
from analytics_tools.sql.statement import Statement, read

# Materializations that leave nothing of earlier runs.
_BUILT_ANEW = frozenset(("table", "view", "ephemeral", "materialized_view"))
# Statements parsed between two sweeps of the memory.
_SWEEP = 400
_EPHEMERAL = "__dbt__cte__"
_SIMPLE_JINJA = re.compile(r"\{\{\s*(ref|source)\s*\(([^(){}]*)\)\s*\}\}")
_CONFIG = re.compile(r"\{\{\s*config\s*\((?:[^{}]|\{[^{}]*\})*\)\s*\}\}")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STRING = re.compile(r"""['"]([^'"]*)['"]""")


@dataclass(frozen=True)
class Reading:
    """A node as it was read.

    `relation` is what the node's readers see; `statement` what its own SQL yields, None for what
    has none. `unread` says why nothing was seen through.
    """

    relation: Relation
    statement: Statement | None = None
    unread: str = ""


class Memory(Protocol):
    """Where statements are kept that were read before, by content."""

    def get(self, key: str) -> Statement | None: ...

    def put(self, key: str, statement: Statement) -> None: ...


class Lineages:
    """The relations of one project.

    Args:
        side: told apart from other projects wherever content can't be compared.
        memory: of statements; shared between two projects it saves reading the same twice.
        code_of: replaces the SQL of some nodes, by unique id.
        tables: what is known of the columns of sources and seeds, instead of the catalog.
        seeds: those whose content is known.
        salts: enters the rows of some nodes, for what decides them besides their SQL.
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
    ) -> None:
        self.project = project
        self.code = code
        self.side = side
        self.dialect = dialect_of(project.adapter)
        self.names = Names(project, code)
        self._memory = memory
        self._code_of = code_of or {}
        self._tables = project.tables if tables is None else tables
        self._salts = salts or {}
        self._seeds = seeds or {}
        self._parsed = 0
        self._wholes: dict[str, str] = {}
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

    def sql_of(self, uid: str) -> str:
        """Return the SQL of a node: compiled, or rendered here where that is simple; else empty."""
        if uid in self._code_of:
            return self._code_of[uid]
        code = self.code.node(uid)
        return code.compiled or self._rendered(uid, code)

    def canonical(self, uid: str) -> str:
        """Return the SQL of a node with nodes in place of the relations they were built as."""
        text = self._placed(uid, self.sql_of(uid))
        names = {}
        for parent in (*self.project.parents.get(uid, ()), uid):
            node = self.project.relations.get(parent)
            if node is not None and node.relation_name:
                names[node.relation_name] = "{" + parent + "}"
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return text

    # -- one node ------------------------------------------------------------------------------

    def _read(self, uid: str) -> Reading:
        node = self.project.relations.get(uid)
        if node is None:
            return Reading(_unknown(uid, h("absent", uid)))
        twin = self.names.twin(uid)
        if twin and twin in self._readings:
            return Reading(published(uid, self._readings[twin].relation))
        if isinstance(node, Source):
            return Reading(self._leaf(node, h("source", uid)))
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
        relation = self._stored(node, code, statement.relation)
        return Reading(published(uid, relation), statement, statement.unread)

    def statement(self, uid: str, sql: str) -> Statement:
        """Return a statement of a node, read or remembered. Raises UnreadableSqlError."""
        parents = self.project.parents.get(uid, ())
        key = ""
        if self._memory is not None:
            known = [(p, self._whole(p)) for p in parents if p in self._readings]
            text = self.canonical(uid)
            key = h(
                "statement", self.dialect, quoted(text), *(part for pair in known for part in pair)
            )
            found = self._memory.get(key)
            if found is not None:
                return found

        def table(node: exp.Table) -> Relation:
            return self._table(uid, node, parents)

        def named(name: str, relation: Relation) -> Relation:
            return self._ephemeral(name, relation, parents)

        statement = read(self._placed(uid, sql), self.dialect, table, named)
        self._parsed += 1
        if self._parsed % _SWEEP == 0 and not gc.isenabled():
            # Trees refer to themselves: without the collector they would stay for ever. What is
            # alive now is frozen, so that no sweep looks at it again.
            gc.collect()
            gc.freeze()
        if self._memory is not None:
            self._memory.put(key, statement)
        return statement

    def _whole(self, uid: str) -> str:
        """Return the hash of all of a node that was read."""
        if uid not in self._wholes:
            self._wholes[uid] = self._readings[uid].relation.whole
        return self._wholes[uid]

    def _table(self, uid: str, node: exp.Table, parents: tuple[str, ...]) -> Relation:
        if node.db.startswith("dbt_external"):
            return self.reading(self._externals(uid)[int(node.name[1:])]).relation
        found = self.names.find(node, parents)
        if found == uid:
            return _unknown(uid, h("itself", uid))
        if found is not None and found not in self._readings:
            self.reading(found)  # read without ref(): dbt doesn't know of it
        if found is not None:
            return self._readings[found].relation
        text = quoted(node.sql(comments=False).lower())
        made = h("table", text)
        return Relation({}, Rows(made), Rows(made), (Open(made),))

    def _ephemeral(self, name: str, relation: Relation, parents: tuple[str, ...]) -> Relation:
        """Return an ephemeral model that dbt wrote into the SQL, as a node with columns."""
        if not name.lower().startswith(_EPHEMERAL):
            return relation
        wanted = name[len(_EPHEMERAL) :].lower()
        for uid, node in self.project.models.items():
            if node.materialized == "ephemeral" and wanted in (
                (node.alias or node.name).lower(), node.name.lower(),
            ):  # fmt: skip
                return published(uid, relation)
        del parents
        return relation

    def _externals(self, uid: str) -> list[str]:
        """Return the sources in files that a node reads, itself or through what is ephemeral."""
        found: list[str] = []
        todo, seen = [uid], {uid}
        while todo:
            for parent in self.project.parents.get(todo.pop(0), ()):
                if parent in seen:
                    continue
                seen.add(parent)
                node = self.project.relations.get(parent)
                if parent in self.names.external:
                    found.append(parent)
                elif node is not None and _is_ephemeral(node):
                    todo.append(parent)
        return found

    def _placed(self, uid: str, sql: str) -> str:
        """Put names in place of the files that sources are read from."""
        for place, source in enumerate(self._externals(uid)):
            sql = sql.replace(self.names.external[source], f"dbt_external.s{place}")
        return sql

    def _rendered(self, uid: str, code: NodeCode) -> str:
        """Render code that has no Jinja but ref, source and config; empty when it has more."""
        text = _COMMENT.sub("", _CONFIG.sub("", code.raw))
        if not text.strip():
            return ""
        by_name = {}
        for parent in self.project.parents.get(uid, ()):
            node = self.project.relations.get(parent)
            if node is not None:
                by_name[node.label] = by_name[node.name] = node

        def name(match: re.Match[str]) -> str:
            words = _STRING.findall(match.group(2))
            plain = words and "=" not in match.group(2)
            label = (
                ".".join(words[-2:]) if match.group(1) == "source" else words[-1] if words else ""
            )
            node = by_name.get(label) if plain else None
            if node is None or not node.relation_name or _is_ephemeral(node):
                return match.group()
            return self.names.external.get(node.unique_id) or node.relation_name

        text = _SIMPLE_JINJA.sub(name, text)
        return "" if "{{" in text or "{%" in text else text

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
                of_name(column.type or "", self.dialect),
                facts=facts.of_type_name(column.type or "", self.dialect),
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
                    of_name(c.type or "", self.dialect), sure=False,
                )
                for c in table.in_order()
            }  # fmt: skip
            relation = replace(relation, columns=columns, open=())
        return Reading(published(node.unique_id, relation), None, reason)

    def _stored(self, node: Node, code: NodeCode, relation: Relation) -> Relation:
        """Return what is stored of a query: a snapshot's history, a contract's types."""
        salt = self._salts.get(node.unique_id)
        if salt:
            rows = Rows(h("set", quoted(salt), relation.rows.id))
            relation = replace(relation, rows=rows, seq=rows, branches=())
        if isinstance(node, Snapshot):
            return history(code.settings, relation, self.dialect)
        if isinstance(node, Model) and node.materialized not in _BUILT_ANEW:
            relation = of_many_runs(relation)
        if not (isinstance(node, Model) and node.has_contract and not relation.open):
            return relation
        declared = {
            stored(str(c.name or key), self.dialect): str(c.data_type or "")
            for key, c in (code.columns or {}).items()
        }
        never_null = promised(code) if node.materialized == "table" else frozenset()
        columns = {
            key: as_declared(value, declared[key], self.dialect, key in never_null)
            if declared.get(key) and not _is_view(node)
            else value
            for key, value in relation.columns.items()
        }
        if set(declared) == set(columns) and not _is_view(node):
            columns = {key: columns[key] for key in declared}
        return replace(relation, columns=columns)


def _unknown(uid: str, base: str) -> Relation:
    rows = Rows(h("rows", base))
    return Relation({}, rows, rows, (Open(base, uid),), reads=frozenset({uid}))


def _is_view(node: Model) -> bool:
    return node.materialized in ("view", "ephemeral")


def _is_ephemeral(node: Node) -> bool:
    return isinstance(node, Model) and node.materialized == "ephemeral"
