"""The rules: one small function each, in a module for each area.

A rule takes a model and the project's `Facts`, and returns a `Finding` or None. It must be certain:
where what it needs is unknown (no catalog, no layer, an older dbt), it returns None.
"""

from analytics_tools.score.rules import (
    checks,
    conventions,
    dead,
    documentation,
    governance,
    incremental,
    performance,
    sql,
    tests,
)

__all__ = [
    "checks",
    "conventions",
    "dead",
    "documentation",
    "governance",
    "incremental",
    "performance",
    "sql",
    "tests",
]
