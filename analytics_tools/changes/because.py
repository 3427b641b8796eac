"""Why the data of a node differs: its own doing, or which columns above it."""

from __future__ import annotations

from collections.abc import Mapping

from analytics_tools.changes.answer import DATA, NodeChange
from analytics_tools.changes.data import Difference
from analytics_tools.changes.pair import Pair
from analytics_tools.sql.relation import How, Relation

_MOST = 12


def why(
    uid: str, found: Difference, edited: bool, pair: Pair, nodes: Mapping[str, NodeChange]
) -> list[str]:
    """Return the reasons why the data of a node differs, at most twelve.

    Args:
        found: how it differs.
        nodes: what is known of all that it reads.
    """
    if edited:
        return [_own(uid, pair)]
    statement = pair.after.reading(uid).statement
    if statement is None:
        return ["what it reads changed"]
    reasons = _of_columns(statement.relation, found, pair, nodes)
    if "rows" in found.kinds:
        reasons += _of_rows(uid, statement.relation, pair, nodes)
    return list(dict.fromkeys(reasons))[:_MOST] or ["what it reads changed"]


def label_of(uid: str, pair: Pair) -> str:
    """Return what a node is called."""
    node = pair.head.project.nodes_by_id.get(uid) or pair.base.project.nodes_by_id.get(uid)
    return node.label if node else uid


def _own(uid: str, pair: Pair) -> str:
    before, after = pair.before, pair.after
    if uid in pair.head.project.models:
        same = bool(after.sql_of(uid)) and before.canonical(uid) == after.canonical(uid)
        return "what it does in an incremental run changed" if same else "its own code changed"
    if not uid.startswith("seed."):
        return "its own code changed"
    sums = [side.code.node(uid).checksum for side in (pair.base, pair.head)]
    if sums[0] == sums[1]:
        return "its file is too large for dbt to keep a checksum: it may have changed"
    return "its file changed"


def _of_columns(
    made: Relation, found: Difference, pair: Pair, nodes: Mapping[str, NodeChange]
) -> list[str]:
    touched = {column.name for column in found.columns if column.change in ("value", "type")}
    return [
        f"{value.name}: {_verb(how)} {label_of(above, pair)}.{column}"
        for value in made.columns.values()
        if value.name in touched
        for (above, column), how in value.edges.items()
        if _is_touched(nodes.get(above), column)
    ]


def _of_rows(uid: str, made: Relation, pair: Pair, nodes: Mapping[str, NodeChange]) -> list[str]:
    deciders = sorted(made.deciders.items())
    reasons = [
        f"rows: {', '.join(sorted(ways))} by {label_of(above, pair)}.{column}"
        for (above, column), ways in deciders
        if _is_touched(nodes.get(above), column)
    ]
    for above in pair.head.project.parents.get(uid, ()):
        change = nodes.get(above)
        if change and {"rows", "unknown"} & set(change.changes):
            reasons.append(f"rows of {label_of(above, pair)} change")
    return reasons


def _is_touched(change: NodeChange | None, column: str) -> bool:
    if change is None or not DATA & set(change.changes):
        return False
    names = {c.name.lower() for c in change.columns if c.change != "rows"}
    return column == "*" or column.lower() in names


def _verb(how: How) -> str:
    return "from" if how in (How.COPIED, How.RENAMED) else f"{how.name.lower()} from"
