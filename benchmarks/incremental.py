"""What a new day costs the order facts as they grow: cost should follow the day, not the table.

For each scale it lands orders and order lines, builds the incremental models once, then lands days
one by one, with their late changes, and builds again. It prints the seconds of the models, of the
whole dbt process, and its peak memory, for the first build and the median day, and the ratios
between scales.

Usage: python benchmarks/incremental.py [--scale 1000000 ...] [--days 7] [--home DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics_tools.sample_data import LandingOptions, append, land

ANALYTICS = Path(__file__).parent.parent / "analytics"
TABLES = ("orders.orders", "orders.order_items")
MODELS = (
    "stg_orders__orders stg_orders__order_items "
    "int_orders_deduplicated int_order_items_deduplicated fct_orders fct_order_items"
)
AS_OF = date(2026, 11, 1)


@dataclass(frozen=True)
class Run:
    """One dbt run: seconds of its models together, of the whole process, and peak memory in GB."""

    models: float
    process: float
    memory: float


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


def measure(scale: int, days: int, home: Path) -> tuple[Run, list[Run]]:
    """The first build and each day's build, over `scale` order lines landed in `home`."""
    say(f"{scale:>13,} lines: landing")
    land(home / "raw", LandingOptions(as_of=AS_OF, scale=scale, tables=TABLES))
    say("first build")
    for left in ("dev.duckdb", "dev.duckdb.wal"):
        (home / left).unlink(missing_ok=True)
    first = dbt_run(home)
    runs = []
    for day in range(days):
        say(f"day {day + 1} of {days}")
        append(home / "raw")
        runs.append(dbt_run(home))
    return first, runs


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
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--scale", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000]
    )
    options.add_argument("--days", type=int, default=7)
    options.add_argument(
        "--home", type=Path, help="Land here, keep it, and go on from it next time."
    )
    chosen = options.parse_args()
    os.chdir(ANALYTICS)
    print(f"{'order lines':>13}  {'first build':^26}  {'one more day (median)':^26}  slowest day")
    print(f"{'':>13}  {'models  process   memory':^26}  {'models  process   memory':^26}  models")
    days: list[Run] = []
    for scale in chosen.scale:
        with tempfile.TemporaryDirectory() as temporary:
            home = (chosen.home.resolve() if chosen.home else Path(temporary)) / str(scale)
            home.mkdir(parents=True, exist_ok=True)
            first, runs = measure(scale, chosen.days, home)
        days.append(middle(runs))
        columns = "  ".join(
            f"{r.models:6.2f}s {r.process:7.2f}s {r.memory:6.2f}GB" for r in (first, days[-1])
        )
        print(f"{scale:>13,}  {columns}  {max(r.models for r in runs):6.2f}s", flush=True)
    for (small, a), (large, b) in zip(
        zip(chosen.scale, days, strict=True),
        list(zip(chosen.scale, days, strict=True))[1:],
        strict=False,
    ):
        print(
            f"a day at {large:,} over one at {small:,}: models {b.models / a.models:.2f} times, "
            f"process {b.process / a.process:.2f} times"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"landing and measuring itself took {peak:.2f} GB at most")


main()
