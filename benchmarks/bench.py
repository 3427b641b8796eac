"""Our commands and their peers, in turn, on the same made-up projects: CPU, wall time, memory.

``make bench`` (or ``python benchmarks/bench.py``) makes the artifacts, installs the peers from the
package index into environments of their own below `.cache/bench`, runs everything in one go and
prints a table with ratios. ``--no-peers`` leaves the peers out, ``--models`` takes other sizes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAKER = Path(__file__).parent / "synthetic.py"
HOME = Path(".cache/bench")
# Pinned, so that two runs compare the same things. Each gets an environment of its own.
PEERS = {
    "dbt-bouncer": "dbt-bouncer==4.3.0",
    "dbt-score": "dbt-score==0.19.0",
    "dbt-coverage": "dbt-coverage==0.5.0",
}
# Some dozen checks, as a team would begin with.
BOUNCER = """dbt_artifacts_dir: .
manifest_checks:
  - name: check_model_description_populated
  - name: check_model_has_unique_test
  - name: check_model_names
    include: ^models/staging
    model_name_pattern: ^stg_
  - name: check_model_depends_on_multiple_sources
  - name: check_model_max_chained_views
  - name: check_model_max_fanout
    max_downstream_models: 10
  - name: check_model_max_upstream_dependencies
  - name: check_model_has_semi_colon
  - name: check_exposure_based_on_view
  - name: check_source_freshness_populated
  - name: check_source_description_populated
catalog_checks:
  - name: check_columns_are_all_documented
"""


@dataclass(frozen=True)
class Job:
    """A command to be measured: `rival` names the job of ours it does the work of."""

    name: str
    words: tuple[str, ...]
    folder: Path
    rival: str = ""


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


def our_jobs(folder: Path) -> list[Job]:
    """Return our commands on the project in `folder`."""
    command = str(Path(sys.executable).parent / "analytics-tools")
    model = "stg_raw__order_0"
    return [
        Job("score", (command, "score", "--manifest", "."), folder),
        Job("impact", (command, "impact", "--manifest", ".", "--model", model), folder),
        Job("docs", (command, "docs", "--manifest", ".", "--model", model), folder),
        Job("diff", (command, "diff", "--source", ".", "--target", "after"), folder),
    ]


def peer_jobs(folder: Path) -> list[Job]:
    """Return the peers' commands on the project in `folder`."""
    (folder / "dbt-bouncer.yml").write_text(BOUNCER)

    def tool(name: str) -> str:
        return str((HOME / "peers" / name / "bin" / name).absolute())

    return [
        Job("dbt-bouncer, 12 checks", (tool("dbt-bouncer"), "run"), folder, "score"),
        Job("dbt-score", (tool("dbt-score"), "lint", "-m", "manifest.json"), folder, "score"),
        Job(
            "dbt-coverage",
            (tool("dbt-coverage"), "compute", "doc", "--run-artifacts-dir", "."),
            folder,
            "score",
        ),
    ]


def install_peers() -> list[str]:
    """Install each peer that isn't there yet; return the names of those that are there then."""
    ready = []
    for name, requirement in PEERS.items():
        home = HOME / "peers" / name
        if not (home / "bin" / name).exists():
            venv.create(home, with_pip=True)
            words = [str(home / "bin" / "pip"), "install", "--quiet", requirement]
            if subprocess.run(words, capture_output=True, check=False).returncode:
                print(f"{requirement} can't be installed here: left out")
                continue
        ready.append(name)
    return ready


def floor(folder: Path) -> Job:
    """Return the least that anybody who reads the manifest with types must spend."""
    code = (
        "import gc; gc.disable()\n"
        "from pathlib import Path\n"
        "from analytics_tools.artifacts.manifest import _decoder\n"
        "_decoder.decode(Path('manifest.json').read_bytes())"
    )
    return Job("floor: decode", (sys.executable, "-c", code), folder)


def report(size: int, found: Sequence[tuple[Job, Cost]]) -> None:
    """Print the costs at one size, each peer with its ratio to our command."""
    print(f"\n{size:,} models")
    ours = {job.name: cost for job, cost in found}
    for job, cost in found:
        ratio = f"{cost.cpu / ours[job.rival].cpu:6.1f} x {job.rival}" if job.rival else ""
        failed = f"  ended with {cost.code}" if cost.code > 1 else ""
        print(
            f"  {job.name:<24}{cost.cpu:8.2f} s CPU {cost.wall:8.2f} s wall {cost.memory:8.0f} MB "
            f"{ratio}{failed}"
        )


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    peers = [] if options.no_peers else install_peers()
    costs: dict[int, dict[str, float]] = {}
    for size in options.models:
        folder = (HOME / f"models_{size}").absolute()
        if not (folder / "after" / "catalog.json").exists():
            # In a process of its own: what this one once held counts as its children's memory.
            words = ["--models", str(size), "--out", str(folder)]
            subprocess.run([sys.executable, str(MAKER), *words], check=True)
        jobs = [floor(folder), *our_jobs(folder)]
        found = [(job, measure(job, options.runs)) for job in jobs]
        rivals = [job for job in peer_jobs(folder) if job.name.partition(",")[0] in peers]
        found += [(job, measure(job, 1)) for job in rivals]
        report(size, found)
        costs[size] = {job.name: cost.cpu for job, cost in found}
    if len(costs) > 1:
        least, most = min(costs), max(costs)
        print(f"\nCPU at {most:,} over {least:,} models:")
        for name in ("score", "impact", "docs", "diff"):
            print(f"  {name:<8}{costs[most][name] / costs[least][name]:5.1f} x")


if __name__ == "__main__":
    main()
