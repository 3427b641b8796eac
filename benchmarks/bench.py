"""Our commands and their peers, in turn, on the same made-up projects: CPU, wall time, memory.

``make bench`` (or ``python benchmarks/bench.py``) makes the artifacts, installs the peers from the
package index into environments of their own below `.cache/bench`, runs everything in one go and
prints a table with ratios. ``--no-peers`` leaves the peers out, ``--models`` takes other sizes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs import HOME, Job, floor, install_peers, our_jobs, peer_jobs

MAKER = Path(__file__).parent / "synthetic.py"


@dataclass(frozen=True)
class Cost:
    """The least CPU and wall seconds of a job's runs, its peak memory in MB, and how it ended."""

    cpu: float
    wall: float
    memory: float
    code: int


def measure(job: Job, runs: int) -> Cost:
    """Run a job some times and keep the least of each cost."""
    costs = [_run(job) for _ in range(runs)]
    return Cost(
        min(c.cpu for c in costs),
        min(c.wall for c in costs),
        min(c.memory for c in costs),
        max(c.code for c in costs),
    )


def _run(job: Job) -> Cost:
    start = time.perf_counter()
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.Popen(
        job.words,
        cwd=job.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, process.returncode)


def report(size: int, found: Sequence[tuple[Job, Cost]]) -> None:
    """Print the costs at one size, each peer with its ratio to our command."""
    print(f"\n{size:,} models")
    ours = {job.name: cost for job, cost in found if not job.rival}
    for job, cost in found:
        ratio = f"{cost.cpu / ours[job.rival].cpu:6.1f} x our {job.rival}" if job.rival else ""
        if _failed(job, cost):
            ratio = f"  failed: ended with {cost.code}"
        print(
            f"  {job.name:<26}{cost.cpu:8.2f} s CPU {cost.wall:8.2f} s wall {cost.memory:8.0f} MB "
            f"{ratio}"
        )
    for name, cost in ours.items():
        ratios = [c.cpu / cost.cpu for j, c in found if j.rival == name and not _failed(j, c)]
        if ratios:
            print(f"  {name}: {min(ratios):.1f} times less CPU than the fastest peer")


def _failed(job: Job, cost: Cost) -> bool:
    # A linter ends with 1 when it found something.
    return cost.code > (1 if job.rival.startswith("score") or not job.rival else 0)


def artifacts(size: int) -> Path:
    """Return the folder with a project of that size, made anew when its maker has changed."""
    folder = (HOME / f"models_{size}").absolute()
    maker = hashlib.sha256(MAKER.read_bytes()).hexdigest()
    made_by = folder / "made_by"
    if not made_by.exists() or made_by.read_text() != maker:
        shutil.rmtree(folder, ignore_errors=True)
        # In a process of its own: what this one once held counts as its children's memory.
        words = ["--models", str(size), "--out", str(folder)]
        subprocess.run([sys.executable, str(MAKER), *words], check=True)
        made_by.write_text(maker)
    return folder


def measure_all(
    folder: Path, runs: int, peers: list[str], only: list[str]
) -> list[tuple[Job, Cost]]:
    """Measure our jobs (several times) and the peers' (once; they take longer), in turn."""

    def is_wanted(job: Job) -> bool:
        return not only or (job.rival or job.name) in only

    found = [
        (job, measure(job, runs if job.name != "docs --out" else 1))
        for job in (floor(folder), *filter(is_wanted, our_jobs(folder)))
    ]
    known: dict[tuple[str, ...], Cost] = {}
    for job in filter(is_wanted, peer_jobs(folder, peers)):
        if job.words not in known:
            known[job.words] = measure(job, 1)
        found.append((job, known[job.words]))
    return found


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], help='our jobs to measure, as in "docs"')
    options = parser.parse_args()
    peers = [] if options.no_peers else install_peers()
    costs: dict[int, dict[str, float]] = {}
    for size in options.models:
        found = measure_all(artifacts(size), options.runs, peers, options.only)
        report(size, found)
        costs[size] = {job.name: cost.cpu for job, cost in found if not job.rival}
    if len(costs) > 1:
        least, most = min(costs), max(costs)
        print(f"\nCPU at {most:,} over {least:,} models:")
        for name in costs[most]:
            print(f"  {name:<16}{costs[most][name] / costs[least][name]:5.1f} x")


if __name__ == "__main__":
    main()
