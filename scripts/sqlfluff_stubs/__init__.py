"""What dbt knows and sqlfluff does not: so SQL is linted without dbt, a warehouse or an account.

sqlfluff renders the project's own macros as they are (`load_macros_from_path` in .sqlfluff), and
brings ref, source, config, this and is_incremental. Every other name that models and macros use is
here. A stub renders to SQL of the same shape as the real thing, for its layout alone is read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


class Adapter:
    """Dispatch takes the default macro: an engine's own may hold what sqlfluff can't parse."""

    @pass_context
    def dispatch(self, context: Context, name: str, *_: Any) -> Callable[..., Any]:
        found = context.get(f"default__{name}")
        if found is None:
            raise AttributeError(f"there is no macro default__{name}")
        return found

    def quote(self, identifier: str) -> str:
        return f'"{identifier}"'

    def get_columns_in_relation(self, _: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="thing_id")]


class Dbt:
    """The macros of dbt's own that stand for a type, a function or a query."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("type_"):
            return lambda *_: name.removeprefix("type_")
        raise AttributeError(f"scripts/sqlfluff_stubs knows no macro dbt.{name}: add it there")

    def concat(self, fields: list[str]) -> str:
        return " || ".join(fields)

    def hash(self, field: str) -> str:
        return f"md5({field})"

    def date_trunc(self, datepart: str, date: str) -> str:
        return f"date_trunc('{datepart}', {date})"

    def dateadd(self, datepart: str, interval: int, from_date_or_timestamp: str) -> str:
        return f"dateadd('{datepart}', {interval}, {from_date_or_timestamp})"

    def datediff(self, first_date: str, second_date: str, datepart: str) -> str:
        return f"datediff('{datepart}', {first_date}, {second_date})"

    def date_spine(self, datepart: str, start_date: str, **_: str) -> str:
        return f"select {start_date} as date_{datepart}"


class DbtUtils:
    """Of the package only what the project uses: see analytics/offline/dbt_utils."""

    def generate_surrogate_key(self, field_list: list[str]) -> str:
        return f"md5({' || '.join(field_list)})"

    def get_single_value(self, _: str, default: Any = None) -> Any:
        return default


def relation(**parts: str) -> str:
    return parts["identifier"]


def raise_compiler_error(message: str) -> None:
    raise ValueError(message)


def one_of(kind: str) -> dict[str, SimpleNamespace]:
    """One node, so that loops over the graph are rendered once."""
    node = SimpleNamespace(
        unique_id=f"{kind}.analytics.thing",
        resource_type=kind,
        package_name="analytics",
        source_name="things",
        name="thing",
        identifier="thing",
        relation_name="things.thing",
        columns={"thing_id": {}},
        config={"meta": {"pii": True}, "materialized": "table"},
        description="",
        freshness=None,
        depends_on=SimpleNamespace(nodes=[]),
        attached_node=None,
    )
    return {node.unique_id: node}


adapter = Adapter()
dbt = Dbt()
dbt_utils = DbtUtils()
api = SimpleNamespace(Relation=SimpleNamespace(create=relation))
exceptions = SimpleNamespace(raise_compiler_error=raise_compiler_error)
graph = SimpleNamespace(nodes=one_of("model"), sources=one_of("source"), groups={})
target = SimpleNamespace(name="dev", database="analytics", schema="dev", type="duckdb")
model = SimpleNamespace(resource_type="model")
project_name = "analytics"
invocation_id = "0"
dbt_version = "0"
run_started_at = datetime(2000, 1, 1)
execute = True


def env_var(name: str, default: str = "") -> str:
    return default or name
