"""recce's class of a change, and the nodes it reaches by recce's lineage of columns.

As recce does it: a breaking or unknown change reaches all that reads the node; any other reaches
what is made of the changed columns or chooses its rows by them, and all that reads such a node.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from answering import serve
from recce.util.change_classifier import parse_change_category
from recce.util.cll import cll
from recce.util.lineage import find_downstream

_ANY = "*"


def says(uid: str, question: Any) -> dict[str, Any]:
    """Return the class of one change, with what it reaches."""
    old, new = question["base"][uid], question["head"][uid]
    change = parse_change_category(
        old["sql"],
        new["sql"],
        old_schema=_schema(old),
        new_schema=_schema(new),
        dialect="duckdb",
    )
    if change.category in ("breaking", "unknown"):
        return {"says": change.category}
    starts = {(uid, name.lower()) for name in (*change.columns, _ANY)} if change.columns else set()
    reached = find_downstream(starts, _children(question["head"]))
    below = {key if isinstance(key, str) else key[0] for key in reached} - {uid}
    return {"says": change.category, "below": sorted(below)}


def _table(name: str) -> str:
    return name.rpartition(".")[2].strip('"').lower()


def _schema(node: Any) -> dict[str, Any]:
    return {_table(name): columns for name, columns in node["reads"].items()}


def _children(nodes: Any) -> dict[Any, set[Any]]:
    """Return what hangs on nodes, and on columns as pairs of node and name."""
    called = {_table(node["name"]): uid for uid, node in nodes.items()}
    found: dict[Any, set[Any]] = {}
    for uid, node in nodes.items():
        for child, parent in _edges(uid, node, called):
            found.setdefault(parent, set()).add(child)
    return found


def _edges(uid: str, node: Any, called: dict[str, str]) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of what hangs on something and that; a node hangs at least on its parents.

    Where recce finds no lineage, it hangs on any column of what it may read.
    """
    yield from ((uid, parent) for parent in node["parents"])
    if node["kind"] == "seed" or not node["sql"]:
        return
    lineage = _lineage(node["sql"], json.dumps(_schema(node)))
    if lineage is None:
        read = {*node["parents"], *(called.get(table) for table in _schema(node))}
        yield from ((uid, (parent, _ANY)) for parent in read)
        return
    rows, made = lineage
    yield from ((uid, (called.get(table), name)) for table, name in rows)
    for column, sources in made.items():
        yield from (((uid, column), (called.get(table), name)) for table, name in sources)


@cache
def _lineage(sql: str, schema: str) -> tuple[list[Any], dict[str, list[Any]]] | None:
    """Return the columns that choose the rows of a query, and those that each column is made of."""
    try:
        rows, columns = cll(sql, schema=json.loads(schema), dialect="duckdb")
    except Exception:
        return None
    made = {name.lower(): _pairs(column.depends_on) for name, column in columns.items()}
    return _pairs(rows), made


def _pairs(found: Any) -> list[Any]:
    return [(one.node.lower(), one.column.lower()) for one in found]


if __name__ == "__main__":
    serve(says)
