"""Seeds by content, where both versions of the file can be read: which columns really differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from analytics_tools.artifacts.code import NodeCode
from analytics_tools.sql.dialect import stored
from analytics_tools.sql.relation import How, Relation, Rows, Value, h, quoted

_MOST = 5_000_000  # bytes


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
    uid: str, text: str, settings: Mapping[str, Any], dialect: str
) -> Relation | None:
    """Return a seed as a relation: so many rows, and each column by all that is in it.

    None where the text is no plain table.
    """
    delimiter = str(settings.get("delimiter") or ",")
    if len(delimiter) != 1:
        return None
    try:
        lines = list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter))
    except csv.Error:
        return None
    if not lines or any(len(line) != len(lines[0]) for line in lines):
        return None
    head, body = lines[0], lines[1:]
    if len({name.strip().lower() for name in head}) != len(head):
        return None
    types = settings.get("column_types") or {}
    columns = {}
    for place, name in enumerate(head):
        cells = sha256("\x1f".join(repr(line[place]) for line in body).encode()).hexdigest()
        made = h(
            "cells", cells, quoted(str(types.get(name))), quoted(str(settings.get("quote_columns")))
        )
        key = stored(name, dialect)
        columns[key] = Value(made, name, {(uid, name): How.COPIED}, "")
    rows = Rows(h("seed rows", uid, str(len(body))))
    return Relation(columns, rows, rows, reads=frozenset({uid}))
