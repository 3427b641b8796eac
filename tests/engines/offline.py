"""Compiles the project for an engine that is not there.

dbt, the adapter and its macros are the real ones; only the connection is not. What dbt asks of the
engine while it compiles is answered from here, and a question that nobody foresaw is an error: it
would mean that a model can't be compiled without a warehouse.

Usage: offline.py ADAPTER INCREMENTAL [dbt options]; INCREMENTAL is `first` or `later`.
"""

from __future__ import annotations

import re
import sys
from typing import Any
from unittest.mock import MagicMock

WATERMARK = re.compile(r"^\s*select\b.*\bmax\(\w+\).*\bfrom\b", re.IGNORECASE | re.DOTALL)
# The days of the calendar, which dbt asks the engine to count.
DAYS = re.compile(r"2035-12-31.*2020-01-01|2020-01-01.*2035-12-31", re.DOTALL)
RUN_LOG = re.compile(r"^\s*(create (schema|table)|alter table)\b.*\bdev_audit\b", re.I | re.DOTALL)


def replace_connection(adapter: type, is_later_run: bool) -> None:
    """Answer for the engine: tables stand there already on a later run, and no query is sent."""

    def get_relation(self: Any, database: str, schema: str, identifier: str) -> Any:
        if not is_later_run:
            return None
        return self.Relation.create(
            database=database, schema=schema, identifier=identifier, type="table"
        )

    def execute(_self: Any, sql: str, *_: Any, **__: Any) -> Any:
        import agate
        from dbt.adapters.contracts.connection import AdapterResponse

        if RUN_LOG.match(sql):  # by the hook that runs before anything is compiled
            return AdapterResponse("OK"), agate.Table([])
        if DAYS.search(sql):
            return AdapterResponse("OK"), agate.Table([[5844]], ["days"])
        if not WATERMARK.match(sql):
            raise RuntimeError(f"compiling asked the engine what is not foreseen: {sql}")
        return AdapterResponse("OK"), agate.Table([["2026-01-01 00:00:00"]], ["newest"])

    def open_nothing(_class: type, connection: Any) -> Any:
        connection.state, connection.handle = "open", MagicMock()
        return connection

    adapter.ConnectionManager.open = classmethod(open_nothing)  # type: ignore[attr-defined]
    adapter.get_relation = get_relation  # type: ignore[attr-defined]
    adapter.execute = execute  # type: ignore[attr-defined]
    adapter.get_columns_in_relation = lambda *_: []  # type: ignore[attr-defined]
    adapter.create_schema = lambda *_: None  # type: ignore[attr-defined]


def main(name: str, run: str, *options: str) -> int:
    from dbt.adapters.factory import FACTORY, load_plugin
    from dbt.cli.main import dbtRunner

    load_plugin(name)
    replace_connection(FACTORY.get_adapter_class_by_name(name), is_later_run=run == "later")
    done = dbtRunner().invoke(
        ["--quiet", "compile", "--no-introspect", "--no-populate-cache", *options]
    )
    if done.exception is not None:
        print(done.exception, file=sys.stderr)
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
