"""Runs statements on a Spark target, and prints the first column of each one's answer as JSON.

Run in the dbt project, where the target's profile is. Reads an object of name to SQL.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any


def main() -> None:
    from dbt.adapters.factory import get_adapter_by_type
    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["--quiet", "parse"])
    if not parsed.success:
        raise SystemExit(str(parsed.exception))
    adapter = get_adapter_by_type("spark")
    answers = {}
    with adapter.connection_named("asked"):
        for name, sql in json.load(sys.stdin).items():
            _, table = adapter.execute(sql, fetch=True)
            answers[name] = [row[0] for row in table.rows] if table.columns else []
    print(json.dumps(answers, default=_exactly))


def _exactly(value: Any) -> Any:
    """A decimal to the last digit, which a number in JSON is not."""
    return {"decimal": str(value)} if isinstance(value, Decimal) else float(value)


if __name__ == "__main__":
    main()
