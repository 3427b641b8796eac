"""The answer of `lineage`."""

from __future__ import annotations

from analytics_tools.artifacts import Relation
from analytics_tools.artifacts.nodes import Record
from analytics_tools.errors import UsageError
from analytics_tools.graph import walk
from analytics_tools.lineage.columns import NodeLineage, Step, lineage_of, trace
from analytics_tools.lineage.reading import Lineages


class Lineage(Record, frozen=True):
    """Column lineage of one node or of all, and the way of one column where that was asked for.

    `direction` is upstream or downstream, empty when no column was named. `names` translates every
    unique id. `unread` says which nodes could not be seen through, and why.
    """

    unique_id: str
    column: str
    direction: str
    nodes: tuple[NodeLineage, ...]
    steps: tuple[Step, ...]
    names: dict[str, str]
    unread: dict[str, str]


def answer_of(
    lineages: Lineages, start: Relation | None, column: str | None, downstream: bool
) -> Lineage:
    """Trace columns. Raises UsageError when the node has no such column."""
    project = lineages.project
    if start is None:
        wanted = [uid for uid in project.relations if not uid.startswith("source.")]
    elif column:
        around = walk(start.unique_id, project.children if downstream else project.parents)
        wanted = [uid for uid in around if uid in project.relations]
    else:
        wanted = [start.unique_id]
    found = {uid: lineage_of(lineages, uid) for uid in sorted(wanted)}
    steps: tuple[Step, ...] = ()
    nodes = tuple(found.values())
    if start is not None and column:
        own = found[start.unique_id]
        named = {one.name.lower(): one.name for one in own.columns}
        if column.lower() not in named and own.complete:
            raise UsageError(
                f"{start.label} has no column {column!r}; it has {', '.join(named.values())}"
            )
        column = named.get(column.lower(), column)
        steps = trace(found, start.unique_id, column, downstream)
        nodes = (own,)
    shown = {start.unique_id} if start else set(found)
    shown |= {edge.unique_id for node in nodes for one in node.columns for edge in one.upstream}
    shown |= {decider.unique_id for node in nodes for decider in node.deciders}
    shown |= {step.unique_id for step in steps}
    known = project.relations
    return Lineage(
        unique_id=start.unique_id if start else "",
        column=column or "",
        direction=("downstream" if downstream else "upstream") if column else "",
        nodes=nodes,
        steps=steps,
        names={uid: known[uid].label for uid in sorted(shown) if uid in known},
        unread={uid: one.reason for uid, one in found.items() if one.reason},
    )
