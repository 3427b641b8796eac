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
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.changes import changes_between
from analytics_tools.changes.pair import Side
from benchmarks.truth.judge import Sums, judge
from benchmarks.truth.plans import PLANS, Change, files
from benchmarks.truth.project import Builder, Subject
from benchmarks.truth.subjects import subjects

_OF_RUNS = ("unique_key", "incremental_strategy", "strategy", "updated_at", "check_cols",
            "hard_deletes")  # fmt: skip
_SOURCE = ("*.sql", "*.yml", "*.csv", "*.py")


def main() -> None:
    """Run the bench and print its figures."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    words.add_argument("--edits", type=int, default=60, help="in all, shared by the projects")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", help="shop or analytics: one of the two that are at hand")
    words.add_argument("--project", type=Path, help="a dbt project on DuckDB, beside these")
    words.add_argument("--database-variable", default="DUCKDB_PATH", help="names its DuckDB file")
    words.add_argument("--out", type=Path, default=Path(".cache/bench/truth"))
    given = words.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    every = subjects(given.out.absolute(), given.only, given.project, given.database_variable)
    whole, notes = Sums(), []
    for place, subject in enumerate(every):
        share = given.edits * (place + 1) // len(every) - given.edits * place // len(every)
        sums = Sums()
        for note in run(subject, given.out.absolute(), share, given.seed, (sums, whole)):
            notes.append(note)
        print(f"-- {subject.name}", *sums.lines(), sep="\n", flush=True)
    if len(every) > 1:
        print("-- all", *whole.lines(), sep="\n")
    (given.out / "notes.json").write_text(json.dumps(notes, indent=1))
    sys.exit(1 if whole.ours.missed or whole.columns.missed else 0)


def run(
    subject: Subject, out: Path, number: int, seed: int, sums: tuple[Sums, ...]
) -> Iterator[dict[str, Any]]:
    """Edit a project, each time as it was, and say what was predicted wrongly."""
    builder = Builder(subject, out / subject.name)
    made = _fingerprint(subject.folder)
    base = builder.start()
    before = _side(builder.home / "base.target" / "manifest.json")
    done, turn, seen = 0, 0, set()
    while done < number and turn < number * 20:
        rng = random.Random(f"{seed} {turn}")  # noqa: S311
        kind = list(PLANS)[turn % len(PLANS)]
        turn += 1
        change = PLANS[kind](builder.head, rng)
        if change is None:
            continue
        key = hashlib.sha256(f"{made} {sorted(change.items())}".encode()).hexdigest()[:20]
        if key in seen:
            continue
        seen.add(key)
        with builder.edited(change):
            head, manifest = builder.truth(key, change)
            if not head.parsed:
                continue
            done += 1
            found = _predicted(builder, base, before, (head, manifest), kind, sums)
        if sys.stderr.isatty():
            print(f"\r{subject.name} {done}/{number}", end="", file=sys.stderr)
        if found:
            yield {
                "project": subject.name,
                "edit": kind,
                "change": _shown(change),
                "key": key,
            } | found


def _predicted(
    builder: Builder, base: Any, before: Side, head: Any, kind: str, sums: tuple[Sums, ...]
) -> dict[str, Any]:
    path = builder.home / "predicted.json"
    path.write_bytes(head[1])
    changes = changes_between(before, _side(path))
    known = builder.noisy, builder.subject.left_out, _set_anew(before, _side(path))
    notes = [judge(one, kind, base, head[0], changes, *known) for one in sums]
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
    for pattern in _SOURCE:
        for path in files(folder, pattern):
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    main()
