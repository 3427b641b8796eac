"""Builds and tests the dbt project, then writes its catalog and documentation, in one process.

One process, because `dbt docs generate` on its own compiles the project a second time and leaves
the results of that compilation where those of the build were.

Usage: build.py [dbt options], for example --target prod
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

LOCKED = "Could not set lock on file"
UNLOADED = re.compile(r"raw_\w+`?\.`?\w+[`\"]* (?:does not exist|cannot be found)")


def main(options: list[str]) -> int:
    os.chdir(Path(__file__).parent.parent / "analytics")
    # dbt colours its lines even in a pipe unless it is told not to.
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        os.environ["DBT_USE_COLORS"] = "false"

    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["--quiet", "parse", *options])
    if not parsed.success:
        return explain(parsed.exception)
    runner = dbtRunner(manifest=parsed.result)
    built = runner.invoke(["build", *options])
    if not built.success:
        return explain(built.exception)
    documented = runner.invoke(["--quiet", "docs", "generate", "--no-compile", *options])
    return 0 if documented.success else explain(documented.exception)


def explain(error: BaseException | None) -> int:
    """dbt has said what failed, except where the file is in use: that it says in forty lines."""
    log = Path("logs/dbt.log")
    tail = log.read_text(encoding="utf-8", errors="replace")[-20_000:] if log.exists() else ""
    if LOCKED in str(error) or LOCKED in tail:
        print(
            "error: another process has the warehouse file open, and DuckDB lets one write at a\n"
            "       time: close it (a notebook, the duckdb shell, another dbt) and run make again.",
            file=sys.stderr,
        )
    elif UNLOADED.search(tail):
        print(
            "error: a raw table is not there: bring the landed files first, by make load with the\n"
            "       same TARGET.",
            file=sys.stderr,
        )
    elif error is not None:
        print(f"error: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
