"""Prediction against truth: ``python -m benchmarks.truth --edits 500``.

Builds are kept below ``--out``, so a run that was broken off goes on where it was, and a run
after a change of the analysis alone builds nothing anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.changes import changes_between
from analytics_tools.changes.side import Side
from analytics_tools.graph import reachable
from benchmarks.truth.judge import Sums, differing, judge
from benchmarks.truth.peers.nodes import sides
from benchmarks.truth.peers.running import Peer, peers_at_hand
from benchmarks.truth.plans import PLANS, Change, files
from benchmarks.truth.project import Build, Builder, Built, Subject
from benchmarks.truth.subjects import SOURCE, subjects
from benchmarks.truth.views import made_anew

_OF_RUNS = ("unique_key", "incremental_strategy", "strategy", "updated_at", "check_cols",
            "hard_deletes")  # fmt: skip


def _given() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    words.add_argument("--edits", type=int, default=60, help="in all, shared by the projects")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", help="shop or analytics: one of the two that are at hand")
    words.add_argument("--project", type=Path, help="a dbt project on DuckDB, beside these")
    words.add_argument("--database-variable", default="DUCKDB_PATH", help="names its DuckDB file")
    words.add_argument("--out", type=Path, default=Path(".cache/bench/truth"))
    words.add_argument("--jobs", type=int, default=2, help="builds at a time")
    words.add_argument("--no-peers", action="store_true", help="leave out the other tools")
    words.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return words.parse_args()


def main() -> None:
    """Run the bench and print its figures."""
    given = _given()
    # Workers start where a build has left this process, so the path is a whole one.
    given.out = out = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    # First of all, as builds leave this process in another folder.
    peers = [] if given.no_peers or given.worker is not None else peers_at_hand()
    every = subjects(out, given.only, given.project, given.database_variable)
    whole = Sums()
    notes: list[dict[str, Any]] = []
    for place, subject in enumerate(every):
        share = given.edits * (place + 1) // len(every) - given.edits * place // len(every)
        bench = Bench(subject, out, given.seed, given.worker, peers)
        if given.worker is not None:
            bench.build(share, given.jobs)
            continue
        if given.jobs > 1:
            _build_beside(subject.name, share, given)
        sums = Sums()
        notes += bench.judge(share, (sums, whole))
        print(f"-- {subject.name}", *sums.lines(), sep="\n", flush=True)
    if given.worker is not None:
        return
    if len(every) > 1:
        print("-- all", *whole.lines(), sep="\n")
    for peer in peers:
        print(peer.line())
    (out / "notes.json").write_text(json.dumps(notes, indent=1))
    sys.exit(1 if whole.ours.missed or whole.columns.missed else 0)


def _build_beside(name: str, share: int, given: argparse.Namespace) -> None:
    """Build what a project's edits need in processes of their own; this one then counts."""
    words = [sys.executable, "-m", "benchmarks.truth", "--edits", str(share), "--seed"]
    words += [str(given.seed), "--jobs", str(given.jobs), "--out", str(given.out)]
    if given.project and name == given.project.name:
        words += ["--only", "", "--project", str(given.project)]
        words += ["--database-variable", given.database_variable]
    else:
        words += ["--only", name]
    started = [
        subprocess.Popen([*words, "--worker", str(number)], stdout=subprocess.DEVNULL)
        for number in range(given.jobs)
    ]
    for process in started:
        process.wait()


class Bench:
    """Edits one project, each time as it was; `worker` builds its share of the edits alone."""

    def __init__(
        self, subject: Subject, out: Path, seed: int, worker: int | None, peers: Sequence[Peer]
    ) -> None:
        self._seed, self._worker, self._peers = seed, worker, peers
        self._made = _fingerprint(subject.folder) + subject.data
        name = "" if worker is None else str(worker)
        self._builder = Builder(subject, out / subject.name, self._made, name)
        self._base = self._builder.start()
        self._known = self._builder.catalog() if peers else None

    def build(self, number: int, of: int) -> None:
        """Build what the edits of one worker need."""
        for turn, _, change, key in self._edits(number):
            if turn % of == self._worker:
                with self._builder.edited(change):
                    self._builder.truth(key, change)

    def judge(self, number: int, sums: tuple[Sums, ...]) -> Iterator[dict[str, Any]]:
        """Count edits, and say what was predicted wrongly."""
        home = self._builder.home
        before = _side(home / "state" / "manifest.json")
        done = 0
        for _, kind, change, key in self._edits(number * 20):
            with self._builder.edited(change):
                head, manifest = self._builder.truth(key, change)
                if not head.parsed:
                    continue
                done += 1
                path = home / "predicted.json"
                path.write_bytes(manifest)
                after = _side(path)
                others = self._others(json.loads(manifest), after, head)
                found = self._predicted(before, after, head, kind, sums, others)
            if sys.stderr.isatty():
                print(f"\r{self._builder.subject.name} {done}/{number}", end="", file=sys.stderr)
            if found:
                about = {"project": self._builder.subject.name, "edit": kind, "key": key}
                yield about | {"change": _shown(change)} | found
            if done == number:
                return

    def _edits(self, number: int) -> Iterator[tuple[int, str, Change, str]]:
        """Make edits in turn, no two alike, until there are so many."""
        seen: set[str] = set()
        for turn in range(number * 20):
            rng = random.Random(f"{self._seed} {turn}")  # noqa: S311
            kind = list(PLANS)[turn % len(PLANS)]
            change = PLANS[kind](self._builder.head, rng)
            if change is None:
                continue
            key = hashlib.sha256(f"{self._made} {sorted(change.items())}".encode()).hexdigest()[:20]
            if key not in seen:
                seen.add(key)
                yield turn, kind, change, key
            if len(seen) >= number:
                return

    def _later(self, head: Side) -> set[str] | None:
        """Return the nodes of which later days tell, where these come with other seeds.

        A seed is part of the project: what another one would show is for its own change to say. So
        then they tell of what builds on itself, and of all that reads it.
        """
        if not any(day.seeds for days in self._builder.subject.histories for day in days):
            return None
        kept = ("incremental", "snapshot")
        start = [u for u, n in head.code.nodes.items() if n.settings.get("materialized") in kept]
        return reachable(start, head.project.children)

    def _others(self, manifest: Any, after: Side, head: Build) -> dict[str, set[str]]:
        """Return what each of the other tools predicts."""
        if self._known is None:
            return {}
        tables = head.days.get("0.0", Built()).tables
        columns = {uid: table.columns for uid, table in tables.items()}
        both = sides(*self._known, manifest, columns)
        return {one.name: one.predicted(*both, after.project.children) for one in self._peers}

    def _predicted(
        self, before: Side, after: Side, head: Build, kind: str, sums: tuple[Sums, ...],
        others: dict[str, set[str]]
    ) -> dict[str, Any]:  # fmt: skip
        changes = changes_between(before, after)
        builder = self._builder
        views = made_anew(before, after, differing(self._base, head), builder.noisy, builder.opened)
        known = (
            builder.noisy,
            builder.subject.left_out,
            _set_anew(before, after) | views,
            self._later(after),
            others,
        )
        notes = [judge(one, kind, self._base, head, changes, *known) for one in sums]
        return notes[0]


def _set_anew(base: Side, head: Side) -> set[str]:
    """Return models and snapshots that are told to write later runs in another way."""
    return {
        uid
        for uid, node in head.code.nodes.items()
        if uid in base.code.nodes
        and node.settings.get("materialized") in ("incremental", "snapshot")
        and any(base.code.nodes[uid].settings.get(k) != node.settings.get(k) for k in _OF_RUNS)
    }


def _shown(change: Change) -> dict[str, str | None]:
    return {name: text if text is None else text[:4000] for name, text in change.items()}


def _side(path: Path) -> Side:
    return Side(load_project(path), read_code(path))


def _fingerprint(folder: Path) -> str:
    found = hashlib.sha256()
    for pattern in SOURCE:
        for path in files(folder, pattern):
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    main()
