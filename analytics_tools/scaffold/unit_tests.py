"""Unit tests for a start: made-up rows that show what the new SQL does, never real ones."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from analytics_tools.scaffold.columns import Staged
from analytics_tools.scaffold.sql_text import literal
from analytics_tools.scaffold.yaml_text import WIDTH, Flow, Verbatim
from analytics_tools.sql.type_names import parse

DAY, MOMENT = "2026-01-31", "2026-01-31 10:00:00"
_BACKTICKS = {"bigquery", "databricks", "spark", "athena"}
# As many columns as one can compare at sight.
_SHOWN = 8


def staging_test(
    model: str, source: str, table: str, columns: tuple[Staged, ...], adapter: str
) -> dict[str, Any]:
    """Return the unit test of a staging model: raw values on one side, staged ones on the other.

    The rows are SQL, for dbt knows no types of a source that it has not built.
    """
    shown = _shown(columns)
    cells = [(_raw_name(column, adapter), _raw_value(column)) for column in columns]
    lines = ",\n".join(_line(f"{value} as {name}") for name, value in cells)
    cleans = any(column.clean or column.is_nulled for column in columns)
    does = "sets_types_and_cleans_text" if cleans else "sets_names_and_types"
    said = "Padding and case of text are mended" if cleans else "Names and types are set"
    return {
        "name": f"{model}_{does}",
        "description": f"{said}, and the row is kept.",
        "model": model,
        "given": [
            {
                "input": f"source('{source}', '{table}')",
                "format": "sql",
                "rows": Verbatim(f"select\n{lines}"),
            }
        ],
        "expect": {"rows": [Flow({c.name: _staged_value(c) for c in shown})]},
    }


def _line(cell: str) -> str:
    """A column of a select; the type of a struct may be long, and no name in quotes is broken."""
    if len(cell) <= WIDTH or set(cell) & set("'\"`"):
        return f"    {cell}"
    return textwrap.fill(
        cell, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def passing_test(
    model: str,
    description: str,
    given: Mapping[str, Iterable[Flow]],
    expected: Iterable[Flow],
    does: str,
) -> dict[str, Any]:
    """Return a unit test of a model that reads relations: rows by the `ref` that gives them."""
    return {
        "name": f"{model}_{does}",
        "description": description,
        "model": model,
        "given": [{"input": ref, "rows": list(rows)} for ref, rows in given.items()],
        "expect": {"rows": list(expected)},
    }


def value_of(type_: str, adapter: str, number: int = 1) -> Any:
    """Return a made-up value of a type; None for what YAML has no words for."""
    kind = parse(type_, adapter)
    if kind.family == "decimal" and kind.scale:
        return number + 0.5
    return {
        "int": number, "uint": number, "decimal": number, "float": number + 0.5,
        "text": f"value {number}", "char": "x", "bool": True, "date": DAY,
        "timestamp": MOMENT, "timestamptz": MOMENT,
    }.get(kind.family)  # fmt: skip


def _shown(columns: tuple[Staged, ...]) -> list[Staged]:
    """The columns worth comparing: those whose value is certain, what is cleaned before others."""
    certain = [c for c in columns if _staged_value(c) is not None]
    first = sorted(certain, key=lambda c: (c.role != "key", not c.clean, c.role != "deleted"))
    kept = {c.name for c in first[:_SHOWN]}
    return [c for c in certain if c.name in kept]


def _raw_name(column: Staged, adapter: str) -> str:
    if not column.sql or "adapter.quote" not in column.sql:
        return column.seen.name.lower()
    mark = "`" if adapter in _BACKTICKS else '"'
    return f"{mark}{column.seen.name}{mark}"


def _raw_value(column: Staged) -> str:
    family, words = column.type.family, " ".join(column.seen.type.split()).lower()
    if column.role == "deleted":
        return "true" if family == "bool" else f"cast('{MOMENT}' as {words})"
    if family == "text":
        text = _word(column)
        text = text.upper() if column.clean == "lower" else text
        return literal(f" {text} " if column.clean else text)
    value = value_of(column.seen.type, "")
    if family in ("date", "timestamp", "timestamptz"):
        zone = "+00" if family == "timestamptz" else ""
        return f"cast('{value}{zone}' as {words})"
    if family == "uuid":
        return f"cast('{_UUID}' as {words})"
    if family == "bool":
        return "true"
    return f"cast(null as {column.seen.type})" if value is None else str(value)


_UUID = "00000000-0000-0000-0000-000000000001"


def _staged_value(column: Staged) -> Any:
    if column.role == "deleted":
        return True
    if column.type.family == "text":
        return _word(column)
    return _UUID if column.type.family == "uuid" else value_of(column.seen.type, "")


def _word(column: Staged) -> str:
    """A text: one of the few that are allowed, else the column's own name."""
    return column.seen.values[0] if column.seen.values else column.name
