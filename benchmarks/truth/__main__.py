"""Prediction against truth: ``python -m benchmarks.truth --edits 300``."""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.changes import Changes, changes_between
from analytics_tools.changes.pair import Side
from analytics_tools.graph import walk
from benchmarks.truth import shop
from benchmarks.truth.edits import EDITS, LOOKS, edited
from benchmarks.truth.project import Build, Builder


@dataclass
class Tally:
    """What one way of predicting got right."""

    right: int = 0
    missed: int = 0
    needless: int = 0

    def add(self, predicted: set[str], truth: set[str]) -> None:
        self.right += len(predicted & truth)
        self.missed += len(truth - predicted)
        self.needless += len(predicted - truth)

    def line(self, name: str, builds: int) -> str:
        recall = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        chosen = self.right + self.needless
        precision = self.right / chosen if chosen else 1.0
        return (f"{name:22} recall {recall:6.3f}  precision {precision:6.3f}  "
                f"missed {self.missed:4}  needless {self.needless:4}  "
                f"builds saved {1 - chosen / builds:6.1%}")  # fmt: skip


@dataclass
class Bench:
    """The running sums."""

    ours: Tally = field(default_factory=Tally)
    columns: Tally = field(default_factory=Tally)
    dbt: Tally = field(default_factory=Tally)
    oracle: Tally = field(default_factory=Tally)
    breaks: Tally = field(default_factory=Tally)
    builds: int = 0
    edits: int = 0
    idle: int = 0
    looks: int = 0
    looks_rebuilt: int = 0
    needless: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Run the bench and print its figures."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    words.add_argument("--project", type=Path, help="a dbt project on DuckDB (default: its own)")
    words.add_argument("--database-variable", default="SHOP_DB", help="names the DuckDB file")
    words.add_argument("--edits", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--out", type=Path, help="write every miss and needless build as JSON")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as work:
        place = Path(work)
        project = given.project or shop.write(place / "shop")
        builder = Builder(project, place, {given.database_variable: "{database}"})
        bench, notes = run(builder, given.edits, random.Random(given.seed))  # noqa: S311
    report(bench)
    if given.out:
        given.out.write_text(json.dumps(notes, indent=1))


def run(builder: Builder, number: int, rng: random.Random) -> tuple[Bench, list[dict[str, object]]]:
    """Make edits one by one, each on the project as it was."""
    builder.keep_base()
    base, again = builder.build("base", of_base=True), builder.build("again")
    if base.failed or not base.parsed:
        raise SystemExit(f"the project does not build: {sorted(base.failed)[:5]}")
    noisy = {u for u, t in base.tables.items() if again.tables.get(u) != t}
    files = [p for p in sorted(builder.folder.rglob("*.sql")) if "models" in p.parts]
    files += sorted((builder.folder / "seeds").glob("*.csv"))
    files += sorted((builder.folder / "macros").glob("*.sql"))
    bench, notes = Bench(), []
    tries = 0
    while bench.edits < number and tries < number * 20:
        tries += 1
        path = rng.choice(files)
        before = path.read_text()
        made = _edit(path, before, rng)
        if made is None:
            continue
        name, text = made
        path.write_text(text)
        head = builder.build("head")
        note = None
        if head.parsed:
            bench.edits += 1
            note = _judge(bench, base, head, noisy, name)
        path.write_text(before)
        if note:
            notes.append({"edit": name, "file": path.name, "text": text, **note})
    return bench, notes


def _edit(path: Path, text: str, rng: random.Random) -> tuple[str, str] | None:
    if path.suffix == ".csv":
        lines = text.splitlines()
        row = rng.randrange(1, len(lines))
        cells = lines[row].split(",")
        place = rng.randrange(len(cells))
        cells[place] = rng.choice(["", "7", cells[place] + "1"])
        lines[row] = ",".join(cells)
        made = "\n".join(lines) + "\n"
        return ("seed", made) if made != text else None
    if "macros" in path.parts:
        made = text.replace("100.0", rng.choice(["100.00", "10.0", "1000.0"]))
        return ("macro", made) if made != text else None
    if "var(" in text and rng.random() < 0.3:
        return "var", text.replace("var('floor')", f"var('floor_{rng.randrange(3)}', 10)")
    if rng.random() < 0.1:
        return "comment", "-- why this is so\n" + text.replace("\n", "\n\n", 1)
    name = rng.choice(list(EDITS))
    made_sql = edited(text, EDITS[name], rng)
    if made_sql is not None and rng.random() < 0.15:
        more = rng.choice(list(EDITS))
        made_sql = edited(made_sql, EDITS[more], rng) or made_sql
        name = f"{name} + {more}"
    return (name, made_sql) if made_sql else None


def _judge(
    bench: Bench, base: Build, head: Build, noisy: set[str], name: str
) -> dict[str, object] | None:
    """Compare the prediction for one edit with what was built."""
    truth = {
        uid
        for uid in {*base.tables, *head.tables, *head.failed}
        if uid not in noisy | head.skipped and base.tables.get(uid) != head.tables.get(uid)
    }
    sides = [_side(build) for build in (base, head)]
    changes = changes_between(sides[0], sides[1])
    # What is skipped because another node failed shows nothing of its data.
    predicted = set(changes.rebuild) - head.skipped
    modified = _modified(sides[0], sides[1]) - head.skipped
    built = {*base.tables}
    bench.builds += len(built)
    bench.ours.add(predicted, truth)
    bench.dbt.add(modified, truth)
    bench.oracle.add(truth, truth)
    # What fails because of an edit of its own SQL, and what is skipped, is no reader that broke.
    bench.idle += not truth
    if name in LOOKS or name == "comment":
        bench.looks += not truth
        bench.looks_rebuilt += bool(predicted) and not truth
    columns = _columns(base, head, noisy)
    told = _told(changes)
    whole = {n.unique_id for n in changes.nodes if "unknown" in n.changes}
    told |= {one for one in _known(base, head) if one[0] in whole}
    bench.columns.add(told & _known(base, head), columns)
    if not truth:
        bench.needless[name] += bool(predicted)
    if truth - predicted or predicted - truth or columns - told:
        return {
            "missed": sorted(truth - predicted),
            "needless": sorted(predicted - truth),
            "columns missed": sorted(map(str, columns - told)),
            "failed": sorted(head.failed),
        }
    return None


def _side(build: Build) -> Side:
    path = build.target / "manifest.json"
    return Side(load_project(path), read_code(path))


def _columns(base: Build, head: Build, noisy: set[str]) -> set[tuple[str, str]]:
    found = set()
    for uid in base.tables.keys() & head.tables.keys() - noisy:
        before, after = base.tables[uid].columns, head.tables[uid].columns
        found |= {(uid, c) for c in {*before, *after} if before.get(c) != after.get(c)}
    return found


def _known(base: Build, head: Build) -> set[tuple[str, str]]:
    return {
        (uid, c)
        for uid in base.tables.keys() & head.tables.keys()
        for c in {*base.tables[uid].columns, *head.tables[uid].columns}
    }


def _told(changes: Changes) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for node in changes.nodes:
        for one in node.columns:
            found.add((node.unique_id, one.name))
            if one.change in ("renamed", "recased"):
                found.add((node.unique_id, one.before))
    return found


def _modified(base: Side, head: Side) -> set[str]:
    """Return what ``state:modified+`` selects: what differs by itself, and all below."""
    found = set()
    macros = {
        uid
        for uid in {*base.code.macros, *head.code.macros}
        if getattr(base.code.macros.get(uid), "macro_sql", None)
        != getattr(head.code.macros.get(uid), "macro_sql", None)
    }
    for uid in head.project.nodes:
        if not uid.startswith(("model.", "seed.", "snapshot.")):
            continue
        one, two = base.code.node(uid), head.code.node(uid)
        called = _closure(head, two.macros)
        if one.checksum != two.checksum or one.settings != two.settings or called & macros:
            found |= set(walk(uid, head.project.children))
    return {uid for uid in found if uid.startswith(("model.", "seed.", "snapshot."))}


def _closure(side: Side, macros: tuple[str, ...]) -> set[str]:
    todo, seen = list(macros), set(macros)
    while todo:
        macro = side.code.macros.get(todo.pop())
        for uid in macro.calls if macro else ():
            if uid not in seen:
                seen.add(uid)
                todo.append(uid)
    return seen


def report(bench: Bench) -> None:
    """Print the figures."""
    print(f"{bench.edits} edits, {bench.idle} of them without any effect")
    print(bench.ours.line("changes: rebuild", bench.builds))
    print(bench.dbt.line("state:modified+", bench.builds))
    print(bench.oracle.line("oracle", bench.builds))
    print(
        bench.columns.line("changes: columns", max(1, bench.columns.right * 2)).split("  builds")[0]
    )
    print(f"edits of looks alone: {bench.looks}, with a rebuild: {bench.looks_rebuilt}")
    worst = [(name, count) for name, count in bench.needless.most_common(8) if count]
    print("needless after:", ", ".join(f"{name} {count}" for name, count in worst) or "none")


if __name__ == "__main__":
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    main()
