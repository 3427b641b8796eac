"""What is in the relations that stand on seeds alone: both versions are run in memory.

What belongs here: SQL that is run on seeds, whose files are part of the project. Where both
versions hold the same, whatever the code says, nothing has to be built anew. Each is run as dbt
would, and again on rows turned round, and with other settings of DuckDB: both must
hold the same every time, or it may be by chance that they do. And what fails every time in head, of
a cell say that is no number, fails in dbt. Of what keeps rows from run to run, hangs on
the moment, or asks the warehouse while it is compiled, nothing is said; nor of what takes too long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from analytics_tools.artifacts.nodes import Model, Seed
from analytics_tools.changes.sandbox import Sandbox, literal, place_of, words_of
from analytics_tools.lineage.seeds import seed_types
from analytics_tools.sql.dialect import delimited

if TYPE_CHECKING:
    from analytics_tools.artifacts import Relation
    from analytics_tools.artifacts.code import NodeCode
    from analytics_tools.lineage import Lineages

_SECONDS = 3.0  # for all that is run
_MOST = 50_000  # rows that are compared
# How each version is run: how the rows of every table are turned round, and whether what SQL
# leaves open is settled otherwise. On one thread always, so that the answer is the same every time.
_TURNED = "rowid desc"
_WAYS = (("", False), (_TURNED, False), ("", True))
# Of three rows that tie, one may come first whichever way they are turned.
_SHUFFLED = ("hash(rowid)", "hash(rowid + 1)", "hash(rowid + 2)")
# What a profile may set, and SQL then goes by.
_OTHERWISE = {"default_null_order": "nulls_first", "integer_division": "true"}
_BUILT_ANEW = ("table", "view", "ephemeral")
_BESIDES = ("pre-hook", "post-hook", "pre_hook", "post_hook", "sql_header")
_NESTED = re.compile(r"\[|STRUCT")  # a text doesn't tell what is in it apart
_UNTOLD = re.compile(r"MAP|UNION|VARIANT|TIME ZONE")
_INNER = re.compile(r"INTERVAL|TIMESTAMP_|TIME_NS|BIT")  # Python has no such values


class SeedFile(NamedTuple):
    """The file of a seed, and what was in it when its checksum was taken."""

    path: Path
    text: str


Seeds: TypeAlias = Mapping[str, SeedFile]


class Contents:
    """What relations hold in two versions of a project.

    Args:
        sides: base and head.
        seeds: the files of seeds, by side and unique id.
        is_plain: whether all that makes a node is in its SQL, by side.
    """

    def __init__(
        self,
        sides: tuple[Lineages, Lineages],
        seeds: tuple[Seeds, Seeds],
        is_plain: tuple[Callable[[str], bool], Callable[[str], bool]],
    ) -> None:
        self._lineages, self._seeds = sides, seeds
        self._types: dict[str, Mapping[str, str] | None] = {}
        clock = _Clock(_SECONDS)
        # By the way they are run.
        self._sides = [
            [
                _Filled(*one, self._types_of, *way, clock)
                for one in zip(sides, seeds, is_plain, strict=True)
            ]
            for way in _WAYS
        ]
        self._shuffled = [
            _Filled(sides[1], seeds[1], is_plain[1], self._types_of, order, False, clock)
            for order in _SHUFFLED
        ]

    def same(self, uid: str) -> bool:
        """Whether a node is known to hold the same in both versions: names, types and rows."""
        for base, head in self._sides:
            before, after = base.held(uid), head.held(uid)
            if before is None or after is None or before.rows != after.rows:
                return False
        return True

    def in_order(self, uid: str) -> bool:
        """Whether the rows of a node that holds the same come in the same order as well.

        A table is turned round and a view isn't: where one became the other, only what comes as it
        does can be compared.
        """
        kinds = {getattr(one.project.relations[uid], "materialized", "") for one in self._lineages}
        return all(
            base.held(uid) == head.held(uid)
            for (base, head), (turned, _) in zip(self._sides, _WAYS, strict=True)
            if not turned or len(kinds) == 1
        )

    def hangs_on_order(self, uid: str) -> bool:
        """Whether a node that holds the same may hold something else when rows come otherwise:
        another of two that tie, or a sum of doubles with another last digit."""
        sides = (self._sides[0][1], self._sides[1][1], *self._shuffled)
        held = [side.held(uid) for side in sides]
        return None in held or len({one.rows for one in held if one}) > 1

    def fault(self, uid: str) -> str:
        """Return why a node or a data test of head fails when it is run, where base's doesn't.

        Empty where it comes to an end, and where that isn't known.
        """
        found = []
        for base, head in self._sides:
            if uid in self._lineages[0].project.nodes_by_id and not base.works(uid):
                return ""
            found.append(head.fault(uid))
        return found[0] if all(found) else ""

    def _types_of(self, uid: str) -> Mapping[str, str] | None:
        """Return the types of a seed's columns; None where they aren't known.

        A plain run puts the rows of a seed into the table that is there: they must be the same in
        both versions.
        """
        if uid not in self._types:
            found = []
            for lineages, seeds in zip(self._lineages, self._seeds, strict=True):
                if uid in lineages.project.relations:
                    file, settings = seeds.get(uid), lineages.code.node(uid).settings
                    types = seed_types(file.text, settings) if file else None
                    found.append(list(types.items()) if types else None)
            known = found[0] if found and found[0] == found[-1] else None
            self._types[uid] = dict(known) if known else None
        return self._types[uid]

    def close(self) -> None:
        """Let go of DuckDB."""
        for side in (*(one for both in self._sides for one in both), *self._shuffled):
            side.close()


class Held(NamedTuple):
    """Hashes of a table: of names, types and rows, whatever their order, and as they come."""

    rows: str
    seq: str


class _Clock:
    """What is left of the time for all that is run, in seconds."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds


class _Filled:
    """One version's relations, with what comes of the seeds.

    Args:
        types_of: says which types the columns of a seed have; None for one to leave alone.
        turned: by what to put the rows of every table in order, if they don't stay as they are.
        otherwise: go by other settings.
    """

    def __init__(
        self,
        lineages: Lineages,
        seeds: Seeds,
        is_plain: Callable[[str], bool],
        types_of: Callable[[str], Mapping[str, str] | None],
        turned: str,
        otherwise: bool,
        clock: _Clock,
    ) -> None:
        self._lineages, self._project = lineages, lineages.project
        self._seeds, self._is_plain = seeds, is_plain
        self._types_of, self._turned, self._clock = types_of, turned, clock
        files = [file.path for file in seeds.values()]
        settings = _OTHERWISE if otherwise else {}
        self._sandbox = Sandbox(self._project.adapter, files, settings)
        self._known: dict[str, bool] = {}  # by unique id: whether it is there
        self._held: dict[str, Held | None] = {}
        self._faults: dict[str, str] = {}

    def held(self, uid: str) -> Held | None:
        """Return what a node holds; None where that can't be known."""
        if uid not in self._held:
            is_there = self._clock.left > 0 and self._is_there(uid)
            place = place_of(self._project.relations[uid]) if is_there else ""
            self._held[uid] = self._hash(place) if place else None
        return self._held[uid]

    def works(self, uid: str) -> bool:
        """Whether a node, or a data test, is known to come to an end."""
        if self._clock.left <= 0:
            return False
        if uid not in self._project.relations and uid not in self._known:
            self._known[uid] = self._ends(uid)
        return self._is_there(uid)

    def fault(self, uid: str) -> str:
        """Return why a node, or a data test, fails; empty where it doesn't, or nobody knows."""
        return "" if self.works(uid) else self._faults.get(uid, "")

    def close(self) -> None:
        self._sandbox.close()

    def _ends(self, uid: str) -> bool:
        """Run a data test as dbt does, and say whether that comes to an end."""
        above, sql = self._lineages.tables_of(uid), self._lineages.sql_of(uid)
        if not above or not sql or not self._is_plain(uid) or not all(map(self._is_there, above)):
            return False
        counted = self._lineages.code.node(uid).settings.get("fail_calc") or "count(*)"
        asked = f"select {counted} from ({sql}) dbt_internal_test"  # noqa: S608
        return self._gives_the_same(asked) and self._run(asked, uid)

    def _is_there(self, uid: str) -> bool:
        """Make a node, after all that it reads; say whether that could be done."""
        for one in self._needed(uid):
            above = self._lineages.tables_of(one)
            self._known[one] = all(self._known[p] for p in above) and self._make(one)
        return self._known[uid]

    def _needed(self, uid: str) -> list[str]:
        """Return what isn't there yet, in the order it is made; nothing where some can't be."""
        found: list[str] = []
        todo = [uid]
        while todo:
            one = todo[-1]
            above = self._lineages.tables_of(one)
            if one in self._known or one in found:
                todo.pop()
            elif missing := [p for p in above if p not in self._known and p not in (*found, *todo)]:
                todo.append(missing[0])
            elif all(self._known.get(p, True) for p in above) and self._may_be(one):
                found.append(todo.pop())
            else:  # and with it all that stands on it
                self._known.update(dict.fromkeys(todo, False))
                return []
        return found

    def _may_be(self, uid: str) -> bool:
        """Whether all that makes a node is at hand, going by what it is."""
        node, code = self._project.relations.get(uid), self._lineages.code.node(uid)
        if node is None or any(code.settings.get(key) for key in _BESIDES):
            return False
        if isinstance(node, Seed):
            return uid in self._seeds and self._types_of(uid) is not None
        return (
            isinstance(node, Model)
            and node.materialized in _BUILT_ANEW
            and (node.language or "sql") == "sql"
            and self._is_plain(uid)
            and not self._lineages.unlisted(uid)
        )

    def _make(self, uid: str) -> bool:
        if self._sandbox.connection is None:
            return False
        node, code = self._project.relations[uid], self._lineages.code.node(uid)
        if not self._sandbox.ready(node):
            return False
        if isinstance(node, Model):
            return self._build(uid, node)
        return self._plant(uid, node, code)

    def _plant(self, uid: str, node: Relation, code: NodeCode) -> bool:
        """Fill the table of a seed as dbt does."""
        types = self._types_of(uid) or {}
        known = {name: self._sandbox.type_(type_) for name, type_ in types.items()}
        delimiter = str(code.settings.get("delimiter") or ",")
        if not known or not all(known.values()) or not code.settings.get("fast", True):
            return False
        place, file = place_of(node), literal(str(self._seeds[uid].path))
        columns = ", ".join(f"{delimited(name)} {type_}" for name, type_ in known.items())
        loads = f"format csv, header true, delimiter {literal(delimiter)}"
        return (
            self._run(f"create table {place} ({columns})")
            and self._run(f"copy {place} from {file} ({loads})", uid)
            and self._put_in_order(place)
        )

    def _build(self, uid: str, node: Model) -> bool:
        """Make a model by its SQL, as long as that gives the same every time."""
        sql, place = self._lineages.sql_of(uid), place_of(node)
        if not self._gives_the_same(sql):
            return False
        if node.materialized != "table":  # what is ephemeral is asked for by name as well
            return self._run(f"create view {place} as {sql}")
        columns = self._declared(uid) if node.has_contract else "*"
        made = f"create or replace table {place} as"
        if not columns or not self._run(f"{made} {sql}", uid):
            return False
        if columns != "*" and not self._run(f"{made} select {columns} from {place}"):  # noqa: S608
            return False
        return self._put_in_order(place)

    def _put_in_order(self, place: str) -> bool:
        turned = f"select * from {place} order by {self._turned}"  # noqa: S608
        return not self._turned or self._run(f"create or replace table {place} as {turned}")

    def _gives_the_same(self, sql: str) -> bool:
        import duckdb

        from analytics_tools.sql.determined import is_determined

        try:
            is_query = bool(sql) and self._sandbox.query(sql) is not None
        except duckdb.Error:
            return False
        return is_query and is_determined(sql, self._kinds)

    def _declared(self, uid: str) -> str:
        """Return the columns of a contract, cast; empty where a type is none of DuckDB's."""
        declared = self._lineages.code.node(uid).columns or {}
        types = {
            str(column.name or key): self._sandbox.type_(str(column.data_type or ""))
            for key, column in declared.items()
        }
        if not all(types.values()):
            return ""
        return ", ".join(
            f"{delimited(name)}::{type_} as {delimited(name)}" for name, type_ in types.items()
        )

    def _hash(self, place: str) -> Held | None:
        import duckdb

        ask = self._sandbox.connection.sql
        try:
            table = ask(f"from {place}")
            shape = [*zip(table.columns, map(str, table.types), strict=True)]
            if any(_is_untold(type_) for _, type_ in shape):
                return None
            cells = ", ".join(
                delimited(name) + ("" if _NESTED.search(type_) else "::varchar")
                for name, type_ in shape
            )
            with self._timed():
                rows = ask(f"select {cells} from {place} limit {_MOST + 1}").fetchall()  # noqa: S608
        except duckdb.Error:
            return None
        if len(rows) > _MOST:
            return None
        lines = list(map(repr, rows))
        first, second = (
            sha256("\n".join([repr(shape), *found]).encode()).hexdigest()
            for found in (sorted(lines), lines)
        )
        return Held(first, second)

    def _run(self, sql: str, uid: str = "") -> bool:
        """Run a statement, of a node if one is given: why it fails for its rows is kept."""
        import duckdb

        if self._clock.left <= 0:
            return False
        with self._timed():
            error = self._sandbox.fails(sql)
        rows = duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException
        if uid and isinstance(error, rows):
            self._faults[uid] = words_of(error)
        return error is None

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Let what is run take no longer than there is time, and take it from that."""
        began = time.monotonic()
        try:
            with self._sandbox.within(max(self._clock.left, 0)):
                yield
        finally:
            self._clock.left -= time.monotonic() - began

    @cached_property
    def _kinds(self) -> dict[str, set[tuple[str, str]]]:
        """DuckDB's functions: what each is, and how stable."""
        found: dict[str, set[tuple[str, str]]] = {}
        said = self._sandbox.connection.sql(
            "select distinct lower(function_name), function_type, coalesce(stability, '')"
            " from duckdb_functions()"
        )
        for name, kind, stability in said.fetchall():
            found.setdefault(name, set()).add((kind, stability))
        return found


def _is_untold(type_: str) -> bool:
    """Whether two values of a type may look alike, and aren't."""
    nested = _NESTED.search(type_) and _INNER.search(type_)
    return bool(nested or _UNTOLD.search(type_))
