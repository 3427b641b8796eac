"""Predictions beside the truth of one edit, and the sums over many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics_tools.changes import Changes
from benchmarks.truth.plans import LOOKS
from benchmarks.truth.project import Build, Built


@dataclass
class Tally:
    """What one way of predicting got right."""

    right: int = 0
    missed: int = 0
    needless: int = 0

    def add(self, predicted: set[Any], truth: set[Any]) -> None:
        """Count one edit."""
        self.right += len(predicted & truth)
        self.missed += len(truth - predicted)
        self.needless += len(predicted - truth)

    def line(self, name: str, builds: int = 0) -> str:
        """Return the figures on one line."""
        recall = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        chosen = self.right + self.needless
        precision = self.right / chosen if chosen else 1.0
        saved = f"  builds saved {1 - chosen / builds:6.1%}" if builds else ""
        return (f"{name:18} recall {recall:6.3f}  precision {precision:6.3f}  "
                f"missed {self.missed:4}  needless {self.needless:4}{saved}")  # fmt: skip


@dataclass
class Sums:
    """What all edits came to."""

    ours: Tally = field(default_factory=Tally)
    columns: Tally = field(default_factory=Tally)
    dbt: Tally = field(default_factory=Tally)
    oracle: Tally = field(default_factory=Tally)
    breaks: Tally = field(default_factory=Tally)
    peers: dict[str, Tally] = field(default_factory=dict)
    builds: int = 0
    edits: int = 0
    idle: int = 0
    idle_logic: int = 0
    looks: int = 0
    looks_rebuilt: int = 0
    failing: int = 0
    needless: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, predicted: set[str], truth: set[str]) -> None:
        """Count what we predict for one edit."""
        self.edits += 1
        self.idle += not truth
        self.idle_logic += not truth and kind not in LOOKS
        self.ours.add(predicted, truth)
        self.oracle.add(truth, truth)
        if kind in LOOKS and not truth:
            self.looks += 1
            self.looks_rebuilt += bool(predicted)
        self.needless[kind] += len(predicted - truth)

    def lines(self) -> list[str]:
        """Return the figures as text."""
        worst = [f"{name} {count}" for name, count in self.needless.most_common(12) if count]
        return [
            f"{self.edits} edits; {self.idle} changed nothing, {self.idle_logic} of them meant to, "
            f"{self.failing} made a model fail",
            self.ours.line("changes: rebuild", self.builds),
            self.dbt.line("state:modified+", self.builds),
            *(tally.line(name, self.builds) for name, tally in self.peers.items()),
            self.oracle.line("oracle", self.builds),
            self.columns.line("changes: columns"),
            self.breaks.line("changes: breaks"),
            f"edits of looks that changed nothing: {self.looks}, rebuilt: {self.looks_rebuilt}",
            "needless after: " + (", ".join(worst) or "none"),
        ]


def judge(sums: Sums, kind: str, base: Build, head: Build, changes: Changes,
          noisy: dict[str, set[str]], left_out: frozenset[str],
          set_anew: set[str], later: set[str] | None,
          peers: Mapping[str, set[str]]) -> dict[str, Any]:  # fmt: skip
    """Add one edit to the sums; return what went wrong, empty when nothing did.

    Args:
        set_anew: nodes that have to run whatever a build from nothing shows.
        later: nodes of which later days tell; None for all.
        peers: what other tools predict, by their name.
    """
    first = head.days.get("0.0", Built())
    skipped = {*first.skipped, *left_out}
    outside = base.days["0.0"].tables.keys() - {*head.reached}
    built = {*outside, *first.tables, *first.failed} - left_out
    lost = {uid for day in head.days.values() for uid in day.skipped}
    head = _counted(head, later)
    truth = (set_anew | differing(base, head)) & built
    # What is skipped on any day because another node failed shows nothing of its data.
    skipped |= lost - truth
    built -= skipped
    predicted = set(changes.rebuild) - skipped
    sums.add(kind, predicted, truth)
    sums.failing += bool(first.failed)
    failed = {*first.failed}
    broken = _broken(changes, failed)
    sums.breaks.add(broken, failed)
    sums.builds += len(built)
    sums.dbt.add(set(head.modified) - skipped, truth)
    for name, chosen in peers.items():
        sums.peers.setdefault(name, Tally()).add(chosen - skipped, truth)
    columns = {one for one in _columns(base, head, noisy) if one[0] not in left_out}
    told = {one for one in _told(base, head, changes) if one[0] not in left_out}
    sums.columns.add(told, columns)
    found = {
        "missed": sorted(truth - predicted),
        "needless": sorted(predicted - truth),
        "columns missed": sorted(map(str, columns - told)),
        "breaks missed": sorted(failed - broken),
        "breaks needless": sorted(broken - failed),
        **{f"missed by {name}": sorted(truth - chosen) for name, chosen in peers.items()},
    }
    return {key: value for key, value in found.items() if value}


def _broken(changes: Changes, failed: set[str]) -> set[str]:
    """Return what is told to break of what is built; a doubt counts where it was right."""
    found = [one for one in changes.breaks if one.certain or one.unique_id in failed]
    return {
        one.unique_id for one in found if one.unique_id.startswith(("model.", "snapshot.", "seed."))
    }


def _counted(head: Build, later: set[str] | None) -> Build:
    """Return a build without what later days say of nodes that aren't in `later`."""
    if later is None:
        return head
    days = {
        key: day if key == "0.0" else Built(
            {uid: table for uid, table in day.tables.items() if uid in later}, day.failed,
            sorted({*day.skipped, *head.reached} - later | {*day.skipped}),
        )
        for key, day in head.days.items()
    }  # fmt: skip
    return Build(head.parsed, head.modified, head.reached, days)


def differing(base: Build, head: Build) -> set[str]:
    """Return what differs on any day, of what was built on that day."""
    found = set()
    for key, day in head.days.items():
        for uid in {*head.reached} - {*day.skipped}:
            one, two = base.days[key].tables.get(uid), day.tables.get(uid)
            if one is None or two is None or (one.rows, one.built) != (two.rows, two.built):
                found.add(uid)
    return found


def _columns(base: Build, head: Build, noisy: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return the columns that differ on any day where a relation is there on both sides."""
    found = set()
    for key, day in head.days.items():
        before = base.days[key].tables
        for uid in before.keys() & day.tables.keys():
            one, two = before[uid].columns, day.tables[uid].columns
            names = {*one, *two} - noisy.get(uid, set())
            found |= {(uid, name) for name in names if one.get(name) != two.get(name)}
    return found


def _told(base: Build, head: Build, changes: Changes) -> set[tuple[str, str]]:
    """Return the columns told, of what is there on both sides on any day."""
    names: dict[str, set[str]] = {}
    for key, day in head.days.items():
        before = base.days[key].tables
        for uid in before.keys() & day.tables.keys():
            names.setdefault(uid, set()).update(before[uid].columns, day.tables[uid].columns)
    found: set[tuple[str, str]] = set()
    for node in changes.nodes:
        uid = node.unique_id
        if uid not in names:
            continue
        for one in node.columns:
            found.add((uid, one.name))
            if one.change in ("renamed", "recased"):
                found.add((uid, one.before))
        if "unknown" in node.changes:
            found |= {(uid, name) for name in names[uid]}
    return found
