"""Brings the landed files to an engine that can't read them in place: `make load TARGET=postgres`.

A source whose YAML names files (`external_location`) becomes tables in a schema of its own, as
`schema:` says there. A file that is in already is not read again, so a second run costs nothing.

Usage: load.py --target NAME
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from loading import LoadError, raw_tables

ANALYTICS = Path(__file__).resolve().parent.parent / "analytics"
# An engine's module in loading/ has load(adapter, tables), which yields a line a table.
LOADED = ("postgres", "spark")


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--target", required=True, help="a target of analytics/profiles.yml")
    target = reader.parse_args().target
    os.chdir(ANALYTICS)
    from dbt.adapters.factory import get_adapter_by_type
    from dbt.cli.main import dbtRunner
    from dbt_common.exceptions import DbtBaseException

    parsed = dbtRunner().invoke(["--log-level", "none", "parse", "--target", target])
    if not parsed.success:
        return fail(str(parsed.exception or "dbt can't parse the project: see dbt parse"))
    engine = parsed.result.metadata.adapter_type
    if engine == "duckdb":
        print("Nothing to load: DuckDB reads the files where they are.")
        return 0
    if engine not in LOADED:
        return fail(f"no loader for {engine}: use its own command, such as COPY INTO or bq load")
    try:
        tables = raw_tables(parsed.result)
        for line in import_module(f"loading.{engine}").load(get_adapter_by_type(engine), tables):
            print(line)
    except (LoadError, DbtBaseException) as error:
        return fail(str(error))
    return 0


def fail(why: str) -> int:
    print(f"error: {' '.join(why.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
