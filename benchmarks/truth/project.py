"""Builds of a dbt project on DuckDB: before an edit, and after each, day by day."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from analytics_tools.graph import chain_lengths, in_order
from benchmarks.truth import stored
from benchmarks.truth.contents import Table, table_of
from benchmarks.truth.plans import Change
from benchmarks.truth.reach import BUILT, reached
from benchmarks.truth.runs import Place, let_go

_ROOT = re.compile(rb'"root_path": "[^"]*/head\d*"')
# With these alike, and nothing above otherwise, a node that keeps nothing does the same every day.
_RUN = ("compiled_code", "config", "checksum", "relation_name", "language")


@dataclass(frozen=True)
class Day:
    """What has been delivered: the folder that ``raw`` leads to, and the seeds as they are then."""

    raw: Path | None = None
    seeds: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A project to edit; ``{database}`` in its environment stands for the DuckDB file.

    `left_out` are models of what a run writes about itself: no two runs have them alike. Each of
    `histories` is a row of days, the first built from nothing and each other on the one before.
    `data` is a digest of what is delivered besides the project's own files. It is built `builds`
    times as it is, and as heads are, to see what comes out otherwise: ties, doubles, clocks.
    """

    name: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    histories: tuple[tuple[Day, ...], ...] = ((Day(),),)
    data: str = ""
    builds: int = 2


class Built(msgspec.Struct):
    """What the build of one day made: relations by unique id, and what failed or was skipped."""

    tables: dict[str, Table] = {}
    failed: list[str] = []
    skipped: list[str] = []


class Build(msgspec.Struct):
    """What came of a project, by day as ``history.day``: a day that could tell no more is missing.

    `modified` is what ``dbt ls --select state:modified+`` lists against the base, `reached` what
    an edit may change at all; the days hold that alone.
    """

    parsed: bool = True
    modified: list[str] = []
    reached: list[str] = []
    days: dict[str, Built] = {}


class _Base(msgspec.Struct):
    made_of: str
    build: Build
    noisy: dict[str, set[str]]


class Builder:
    """Builds one project in this process; `home` keeps the builds from one run to the next.

    Args:
        made_of: a digest of the project and the bench's data.
        worker: has an edited copy of its own, beside other workers.
    """

    def __init__(self, subject: Subject, home: Path, made_of: str, worker: str = "") -> None:
        self.subject, self.home, self._made_of = subject, home, made_of
        self.noisy: dict[str, set[str]] = {}
        self.base, self.head = home / "base", home / f"head{worker}"
        self._head = self._place(self.head, f"head{worker}")
        # The base's manifest as parsed, and as its first build left it.
        self._parsed: Any = {}
        self._first: Any = {}
        self._days: dict[str, Built] = {}

    def start(self) -> Build:
        """Build the project as it is, several times: columns that differ then tell nothing."""
        kept = self.home / "base.json"
        known = msgspec.json.decode(kept.read_bytes(), type=_Base) if kept.exists() else None
        if known is None or known.made_of != self._made_of:
            shutil.rmtree(self.home / "days", ignore_errors=True)
            self._copied(self.base)
            others = [self._whole("again") for _ in range(self.subject.builds - 1)]
            once = self._whole("base")
            self.noisy = _noise(once, [*others, *self._as_heads()])
            known = _Base(self._made_of, self._whole("base", look_alone=True), self.noisy)
            place = self._place(self.base, "base")
            place.modified(self._state)
            shutil.copy(place.manifest, self._state / "parsed.json")
            _put(kept, msgspec.json.encode(known))
        self._copied(self.head)
        self.noisy, self._days = known.noisy, known.build.days
        self._first = json.loads((self._state / "manifest.json").read_bytes())
        self._parsed = json.loads((self._state / "parsed.json").read_bytes())
        return known.build

    @contextlib.contextmanager
    def edited(self, change: Change) -> Any:
        """Give the project's head with an edit in it, and take the edit back."""
        before = {name: _text(self.head / name) for name in change}
        try:
            _write(self.head, change)
            yield
        finally:
            _write(self.head, before)

    def truth(self, key: str, change: Change) -> tuple[Build, bytes]:
        """Build the head as it stands, or remember how it was built; with its manifest."""
        kept, manifest = self.home / f"{key}.json", self.home / f"{key}.manifest.gz"
        if not kept.exists():
            build, text = self._head_with(change)
            _put(manifest, gzip.compress(text, 1))
            _put(kept, msgspec.json.encode(build))
        build = msgspec.json.decode(kept.read_bytes(), type=Build)
        # Whichever worker built it: the edited files now lie here.
        own = f'"root_path": "{self.head}"'.encode()
        return build, _ROOT.sub(own, gzip.decompress(manifest.read_bytes()))

    # -- the base ------------------------------------------------------------------------------

    def catalog(self) -> tuple[Any, dict[str, dict[str, str]]]:
        """Return the base's manifest, and the columns of its relations and sources with types."""
        sources = {uid: one["relation_name"] for uid, one in self._first["sources"].items()}
        found = {}
        with self.opened() as connection:
            for uid, name in {**_named(self._first), **sources}.items():
                with contextlib.suppress(duckdb.Error):
                    result = connection.execute(f"select * from {name} limit 0")  # noqa: S608
                    found[uid] = {one[0].lower(): str(one[1]) for one in result.description}
        return self._first, found

    @contextlib.contextmanager
    def opened(self) -> Any:
        """Give a connection to what the base's first build made, and to what it was made of."""
        let_go()
        with (
            _delivered(self.base, self.subject.histories[0][0]),
            duckdb.connect(str(self._file(0, 0)), read_only=True) as connection,
        ):
            yield connection

    @property
    def _state(self) -> Path:
        return self.home / "state"

    def _copied(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        left = shutil.ignore_patterns("target", "logs", ".git", "*.duckdb*")
        shutil.copytree(self.subject.folder, folder, ignore=left)

    def _whole(self, name: str, look_alone: bool = False) -> Build:
        """Build everything, day by day, and keep each day's file of the base."""
        place = self._place(self.base, name)
        build = Build()
        for number, history in enumerate(self.subject.histories):
            shutil.rmtree(place.database.parent, ignore_errors=True)
            place.database.parent.mkdir(parents=True)
            for turn, day in enumerate(history):
                file = self._file(number, turn)
                if not look_alone:
                    with _delivered(self.base, day):
                        ended = place.build()
                    if ended is None or ended[0]:
                        raise SystemExit(f"{self.subject.name} does not build: {ended}")
                    file.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(place.database, file)
                    if not number and not turn:
                        self._state.mkdir(exist_ok=True)
                        shutil.copy(place.manifest, self._state)
                named = _named(json.loads((self._state / "manifest.json").read_bytes()))
                with _delivered(self.base, day):  # views read what is there now
                    build.days[f"{number}.{turn}"] = Built(self._look(file, named))
        return build

    def _as_heads(self) -> Iterator[Build]:
        """Build the first day as heads are: from each depth down, on what the base's file holds."""
        place = self._place(self.base, "again")
        manifest = json.loads((self._state / "manifest.json").read_bytes())
        nodes, named, above = manifest["nodes"], _named(manifest), manifest["parent_map"]
        depths = chain_lengths(in_order(above), above, lambda uid: uid.startswith(BUILT))
        for depth in range(2, max(depths.values(), default=0) + 1):
            below = {uid for uid in nodes if depths[uid] >= depth and uid.startswith(BUILT)}
            stored.begin(self._file(0, 0), place.database, {named[u] for u in below & {*named}})
            with _delivered(self.base, self.subject.histories[0][0]):
                place.build(["fqn:" + ".".join(nodes[uid]["fqn"]) for uid in sorted(below)])
                yield Build(days={"0.0": Built(self._look(place.database, named))})

    def _file(self, number: int, turn: int) -> Path:
        return self.home / "days" / f"{number}.{turn}" / "bench.duckdb"

    # -- the head ------------------------------------------------------------------------------

    def _head_with(self, change: Change) -> tuple[Build, bytes]:
        modified = self._head.modified(self._state)
        if modified is None:
            return Build(parsed=False), b"{}"
        manifest = json.loads(self._head.manifest.read_bytes())
        found = reached(self._parsed, manifest, "dbt_project.yml" in change)
        build = Build(modified=modified, reached=sorted(found))
        for number, history in enumerate(self.subject.histories):
            for turn, day in enumerate(history):
                if not self._day(build, number, turn, day, manifest):
                    break
            if self._tells_all(build, manifest) or not _builds_on_itself(build, manifest):
                break  # what is built anew each time shows nothing new in another history
        return build, json.dumps(_compiled(self._first, manifest, found)).encode()

    def _day(self, build: Build, number: int, turn: int, day: Day, manifest: Any) -> bool:
        """Build one day of the head; say whether the next may tell more."""
        if self._tells_all(build, manifest):
            return False
        self._prepare(build, number, turn, manifest)
        nodes = [manifest["nodes"][uid] for uid in build.reached if uid in manifest["nodes"]]
        failed: list[str] = []
        skipped: list[str] = []
        if nodes:
            with _delivered(self.head, day):
                ended = self._head.build(["fqn:" + ".".join(node["fqn"]) for node in nodes])
            failed, skipped = ended or ([node["unique_id"] for node in nodes], [])
            if self._head.manifest.exists() and not number and not turn:
                manifest["nodes"] = json.loads(self._head.manifest.read_bytes())["nodes"]
        named = {uid: n for uid, n in _named(manifest).items() if uid in build.reached}
        lost = {*failed, *skipped}
        named = {uid: name for uid, name in named.items() if uid not in lost}
        tables = self._look(self._head.database, named)
        failed += sorted(named.keys() - tables.keys())  # a view nobody can read
        build.days[f"{number}.{turn}"] = Built(tables, failed, skipped)
        return not nodes or ended is not None  # what doesn't fail goes on from day to day

    def _prepare(self, build: Build, number: int, turn: int, manifest: Any) -> None:
        sides = _named(self._first), _named(manifest)
        gone = {side[uid] for side in sides for uid in build.reached if uid in side}
        if not turn:
            stored.begin(self._file(number, 0), self._head.database, gone)
            return
        kept = [
            sides[1][uid]
            for uid in build.reached
            if uid in sides[1] and stored.builds_on_itself(manifest["nodes"][uid])
        ]
        stored.go_on(self._file(number, turn), self._head.database, gone, kept)

    def _tells_all(self, build: Build, manifest: Any) -> bool:
        """Whether no other day can tell more: all differs, or the same is run."""
        if not build.days:
            return not build.reached
        if all(self._differs(build, uid) for uid in build.reached):
            return True
        sides = self._first["nodes"], manifest["nodes"]
        return all(
            uid in sides[0]
            and uid in sides[1]
            and not stored.builds_on_itself(sides[0][uid])
            and all(sides[0][uid].get(key) == sides[1][uid].get(key) for key in _RUN)
            for uid in build.reached
        )

    def _differs(self, build: Build, uid: str) -> bool:
        """Whether a node was seen to differ, on any day so far."""
        for key, day in build.days.items():
            one, two = self._days[key].tables.get(uid), day.tables.get(uid)
            if one is None or two is None or (one.rows, one.built) != (two.rows, two.built):
                return True
        return False

    # -- both ----------------------------------------------------------------------------------

    def _place(self, folder: Path, name: str) -> Place:
        database = self.home / f"{name}.database" / "bench.duckdb"
        return Place(folder, self.home / f"{name}.target", database, self.subject.environment)

    def _look(self, file: Path, named: Mapping[str, str]) -> dict[str, Table]:
        let_go()
        found = {}
        with duckdb.connect(str(file), read_only=True) as connection:
            for uid, name in named.items():
                with contextlib.suppress(duckdb.Error):
                    found[uid] = table_of(connection, name, self.noisy.get(uid, ()))
        return found


def _builds_on_itself(build: Build, manifest: Any) -> bool:
    nodes = manifest["nodes"]
    return any(stored.builds_on_itself(nodes[uid]) for uid in build.reached if uid in nodes)


def _noise(once: Build, others: Sequence[Build]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, day in once.days.items():
        for uid, table in day.tables.items():
            days = [other.days[key].tables for other in others if key in other.days]
            again = [tables[uid].columns for tables in days if uid in tables]
            names = {
                name
                for name, made in table.columns.items()
                if any(columns.get(name) != made for columns in again)
            }
            found[uid] = found.get(uid, set()) | names
    return found


def _compiled(base: Any, head: Any, found: Collection[str]) -> Any:
    """Return head's manifest, with base's compiled SQL of what is the same and was not built."""
    for uid, node in head["nodes"].items():
        if uid in base["nodes"] and uid not in found and uid.startswith(BUILT):
            for key in ("compiled", "compiled_code", "extra_ctes", "extra_ctes_injected"):
                node[key] = base["nodes"][uid].get(key)
    return head


def _named(manifest: Any) -> dict[str, str]:
    """Return the relations of a manifest by unique id."""
    return {
        uid: node["relation_name"]
        for uid, node in manifest["nodes"].items()
        if uid.startswith(BUILT) and node.get("relation_name")
        and node["config"].get("materialized") != "ephemeral"
    }  # fmt: skip


@contextlib.contextmanager
def _delivered(folder: Path, day: Day) -> Any:
    """Put into a project what a day has delivered, and its seeds back at the end."""
    if day.raw is not None:
        link = folder / "raw"
        link.unlink(missing_ok=True)
        link.symlink_to(day.raw)
    os.chdir(folder)
    before = {name: _text(folder / name) for name in day.seeds}
    try:
        _write(folder, {n: day.seeds[n](text) for n, text in before.items() if text is not None})
        yield
    finally:
        _write(folder, before)


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _write(folder: Path, change: Change) -> None:
    for name, text in change.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def _put(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)
