"""Seeds by content, where both versions of the file can be read: which columns really differ."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analytics_tools.artifacts.code import NodeCode
from analytics_tools.sql import cells as known
from analytics_tools.sql import flags
from analytics_tools.sql.declared import SURE_NUMBER, facts_of, family_of
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import How, Relation, Rows, Value, h, quoted

_MOST = 5_000_000  # bytes
_PERHAPS_NULL = frozenset(("null", "none", "na", "n/a", "nan", "nil", "-"))
_WHOLE = re.compile(r"(0|-?[1-9][0-9]{0,8})$")
_LETTERS = re.compile(r"[^\W\d_]")
_PERHAPS_NOT_TEXT = re.compile(
    r"[\d.,:+\-TZ e]*|[+-]?inf(inity)?|true|false|yes|no|on|off|[tfyn]|0x[\da-f]+", re.IGNORECASE
)
_LIKE = (
    (re.compile(r"[+-]?\d+(\.\d+)?"), SURE_NUMBER),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "time"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"), "time"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), "time"),
)
# What no reader of CSV takes for a number, a date, a time or a boolean.
_WORDS = re.compile(r"(?!inf)[A-Za-z][A-Za-z ]{5,}$", re.IGNORECASE)


def seed_text(code: NodeCode, file: str) -> str | None:
    """Return the text of a seed, if its file is at hand and is the one dbt took the checksum of."""
    checksum = code.checksum if isinstance(code.checksum, Mapping) else {}
    if checksum.get("name") != "sha256" or not isinstance(code.root_path, str):
        return None
    path = Path(code.root_path) / file
    try:
        if path.stat().st_size > _MOST:
            return None
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return text if sha256(text.strip().encode()).hexdigest() == checksum.get("checksum") else None


def seed_relation(
    uid: str,
    text: str,
    settings: Mapping[str, Any],
    dialect: str,
    in_order: bool = False,
    listed: Mapping[str, str] = MappingProxyType({}),
) -> Relation | None:
    """Return a seed as a relation: so many rows, and each column by all that is in it.

    None where the text is no plain table.

    Args:
        in_order: put the rows in an order of their own first.
        listed: types of columns that a catalog has of this very seed, by name in small letters.
    """
    lines = _lines(text, settings)
    if lines is None:
        return None
    head, given = lines[0], lines[1:]
    body = sorted(given) if in_order else given
    unique: set[frozenset[str]] = set()
    types = settings.get("column_types") or {}
    columns = {}
    for place, name in enumerate(head):
        cells = [line[place] for line in body]
        declared = str(types.get(name) or "")  # dbt looks for the name as it is written
        certain = _facts(cells, declared, dialect)
        held = sha256("\x1f".join(map(repr, cells)).encode()).hexdigest()
        read_by = (str(types.get(name)), str(settings.get("quote_columns")))
        made = h("cells", held, *map(quoted, read_by))
        if certain & flags.TEXT and dialect == "duckdb":
            known.keep(made, cells)
        type_ = family_of(listed.get(name.strip().lower(), ""), dialect)
        type_ = type_ or _family(cells, declared, dialect)
        value = Value(made, name, {(uid, name): How.COPIED}, type_, facts=certain)
        columns[stored(name, dialect)] = value
        is_known = certain & flags.TEXT or (certain & flags.INTEGER and not declared)
        if is_known and _all_differ(cells):
            unique.add(frozenset((made,)))
    rows = Rows(h("seed rows", uid, str(len(body))))
    seq = Rows(h("seed rows", uid, *(repr(line) for line in given)))
    return Relation(columns, rows, seq, reads=frozenset({uid}), unique=frozenset(unique))


def seed_types(text: str, settings: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the types that dbt gives a seed's columns on DuckDB, by name; None where a cell may
    be taken otherwise."""
    lines = _lines(text, settings)
    if lines is None:
        return None
    declared = settings.get("column_types") or {}
    found = {
        name: str(declared.get(name) or "") or _type([line[place] for line in lines[1:]])
        for place, name in enumerate(lines[0])
    }
    return found if all(found.values()) else None


def _type(cells: list[str]) -> str:
    """Return the type of a column on DuckDB; empty where its cells don't tell."""
    values = _values(cells)
    if any(map(_is_text, values)):
        return "VARCHAR"
    if values and all(one.lower() in ("true", "false") for one in values):
        return "BOOLEAN"
    family = next((f for p, f in _LIKE if values and all(map(p.fullmatch, values))), "")
    if family == "time":
        return "DATE" if len(values[0]) == len("2026-01-01") else "TIMESTAMP"
    if family != SURE_NUMBER:
        return ""
    if all("." not in one for one in values):
        return "INTEGER" if all(abs(int(one)) < 2**31 for one in values) else ""
    return "DOUBLE" if any(one.partition(".")[2].strip("0") for one in values) else ""


def _values(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell.strip().lower() not in ("", "null")]


def _family(cells: list[str], declared: str, dialect: str) -> str:
    """Return the type of a column as far as settings or its cells tell, without its size.

    dbt takes for numbers, days and times only what is written in the usual way.
    """
    if declared:
        return family_of(declared, dialect)
    values = _values(cells)
    if any(map(_is_text, values)):
        return "text"
    for pattern, family in _LIKE:
        if values and all(map(pattern.fullmatch, values)):
            return family
    return ""


def _is_text(value: str) -> bool:
    """Whether a cell makes its column one of text, whoever reads the file."""
    found = _LETTERS.search(value) and not _PERHAPS_NOT_TEXT.fullmatch(value)
    return bool(found) and value.lower() not in _PERHAPS_NULL


def _all_differ(cells: list[str]) -> bool:
    """Whether no two cells are alike, however they are read: at most one may be null."""
    plain = [cell.strip() for cell in cells]
    nulls = sum(not cell or cell.lower() in _PERHAPS_NULL for cell in plain)
    return nulls <= 1 and len(set(plain)) == len(plain)


def unseen(uid: str, relation: Relation) -> Relation:
    """Return a seed of which nothing is known but the names of its columns."""
    columns = {
        key: Value(h("unseen", uid, quoted(key)), value.name, value.edges)
        for key, value in relation.columns.items()
    }
    rows = Rows(h("unseen rows", uid))
    return Relation(columns, rows, rows, reads=frozenset({uid}))


def _lines(text: str, settings: Mapping[str, Any]) -> list[list[str]] | None:
    """Return the cells of a table, its head first; None where it is no plain table."""
    delimiter = str(settings.get("delimiter") or ",")
    if len(delimiter) != 1:
        return None
    try:
        lines = list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter))
    except csv.Error:
        return None
    if not lines or any(len(line) != len(lines[0]) for line in lines):
        return None
    names = {name.strip().lower() for name in lines[0]}
    return lines if len(names) == len(lines[0]) else None


def _facts(cells: list[str], declared: str, dialect: str) -> int:
    """Return what is certain of a column, by its cells and the type that settings give it."""
    plain = [cell.strip() for cell in cells]
    found = flags.FILLED if all(c and c.lower() not in _PERHAPS_NULL for c in plain) else 0
    if declared:
        return found | facts_of(declared, dialect)
    values = [cell for cell in plain if cell]
    if values and all(_WHOLE.match(cell) for cell in values):
        return found | flags.EXACT | flags.INTEGER
    if dialect == "duckdb" and any(_WORDS.match(cell) for cell in values):
        return found | flags.TEXT
    return found
