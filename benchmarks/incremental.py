"""What a new day costs the order facts as they grow: cost should follow the day, not the table.

At each scale it is the same business, observed for longer: a day brings about as many new order
lines at all of them. It lands orders and order lines, and the nights that the look-back reads
again; builds the incremental models once; then lands days one by one, with their late changes, and
builds again. It prints the seconds of the models, of the whole dbt process, and its peak memory,
for the first build and the median day, and the ratios between scales.

Usage: python benchmarks/incremental.py [--scale 1000000 ...] [--days 7] [--home DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from analytics_tools.sample_data import LandingOptions, append, land
from analytics_tools.sample_data.landing import HISTORY_DAYS

ANALYTICS = Path(__file__).parent.parent / "analytics"
TABLES = ("orders.orders", "orders.order_items")
MODELS = (
    "stg_orders__orders stg_orders__order_items "
    "int_orders_deduplicated int_order_items_deduplicated fct_orders fct_order_items"
)
AS_OF = date(2026, 11, 1)
LOOKBACK_NIGHTS = 4


@dataclass(frozen=True)
class Run:
    """One dbt run: seconds of its models together, of the whole process, and peak memory in GB."""

    models: float
    process: float
    memory: float


@dataclass(frozen=True)
class Growth:
    """At one scale: the first build, each later day's build, and the lines a day delivered."""

    scale: int
    first: Run
    days: list[Run]
    lines: int


def dbt_run(home: Path) -> Run:
    environment = {
        **os.environ,
        "ANALYTICS_RAW_PATH": str(home / "raw"),
        "ANALYTICS_DUCKDB_PATH": str(home / "dev.duckdb"),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    dbt = str(Path(sys.executable).parent / "dbt")
    words = [dbt, "--quiet", "run", "--threads", "1", "--select", MODELS]
    started = time.monotonic()
    child = os.posix_spawn(dbt, words, environment)
    _, status, usage = os.wait4(child, 0)
    process = time.monotonic() - started
    if status:
        sys.exit(f"dbt failed: see {home / 'logs' / 'dbt.log'}")
    results = json.loads((home / "target" / "run_results.json").read_text())["results"]
    return Run(
        sum(result["execution_time"] for result in results), process, usage.ru_maxrss / 1024**2
    )


def measure(scale: int, history_days: int, days: int, home: Path) -> Growth:
    """The first build and each day's build, over `scale` order lines landed in `home`."""
    say(f"{scale:>13,} lines: landing")
    options = LandingOptions(AS_OF, scale, tables=TABLES, history_days=history_days)
    through = AS_OF + timedelta(days=LOOKBACK_NIGHTS)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    land(home / "raw", options)
    append(home / "raw", through)
    say("first build")
    first = dbt_run(home)
    runs, lines = [], []
    for day in range(1, days + 1):
        say(f"day {day} of {days}")
        landed = append(home / "raw", through + timedelta(days=day))
        lines += [table.rows for table in landed.written if table.name == TABLES[1]]
        runs.append(dbt_run(home))
    return Growth(scale, first, runs, int(statistics.median(lines)))


def say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr)


def middle(runs: list[Run]) -> Run:
    return Run(
        *(
            statistics.median(getattr(r, name) for r in runs)
            for name in ("models", "process", "memory")
        )
    )


def main() -> None:
    chosen = options()
    os.chdir(ANALYTICS)
    print(
        f"{'order lines':>13}  {'first build':^26}  {'one more day (median)':^26}  lines    slowest"
    )
    print(f"{'':>13}" + f"  {'models  process   memory':^26}" * 2 + "  a day     models")
    measured = []
    for scale in sorted(chosen.scale):
        history_days = max(1, HISTORY_DAYS * scale // max(chosen.scale))
        with tempfile.TemporaryDirectory(dir=chosen.home) as home:
            grown = measure(scale, history_days, chosen.days, Path(home) / "landing")
        measured.append(grown)
        columns = "  ".join(
            f"{r.models:6.2f}s {r.process:7.2f}s {r.memory:6.2f}GB"
            for r in (grown.first, middle(grown.days))
        )
        slowest = max(run.models for run in grown.days)
        print(f"{scale:>13,}  {columns}  {grown.lines:>8,}  {slowest:6.2f}s", flush=True)
    for small, large in pairwise(measured):
        a, b = middle(small.days), middle(large.days)
        print(
            f"a day at {large.scale:,} over one at {small.scale:,}: "
            f"models {b.models / a.models:.2f} times, process {b.process / a.process:.2f} times"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"landing and measuring itself took {peak:.2f} GB at most")


def options() -> argparse.Namespace:
    scales = [1_000_000, 10_000_000, 100_000_000]
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--scale", type=int, nargs="+", default=scales)
    reader.add_argument("--days", type=int, default=7)
    reader.add_argument(
        "--home", type=Path, help="An existing folder with room: 15 GB at the full scale."
    )
    return reader.parse_args()


main()
