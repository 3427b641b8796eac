"""Column lineage as text, JSON and Mermaid."""

from __future__ import annotations

from analytics_tools.artifacts import Project
from analytics_tools.lineage.answer import Lineage
from analytics_tools.lineage.columns import Edge, NodeLineage
from analytics_tools.render.document import document
from analytics_tools.render.style import Style, clean, table

_SHOWN = 200


def lineage_json(answer: Lineage, project: Project) -> str:
    """Return lineage as JSON."""
    return document("lineage", project, answer)


def lineage_text(answer: Lineage, style: Style) -> str:
    """Return a tree of one column's way, or each column with where it is taken from."""
    if answer.direction:
        return _tree(answer, style)
    lines: list[str] = []
    for node in answer.nodes:
        lines += [style(clean(node.name), "bold"), *_node(node, answer), ""]
    return "\n".join(lines or ["No models.", ""])


def _node(node: NodeLineage, answer: Lineage) -> list[str]:
    rows = [
        (f"  {clean(one.name)}", ", ".join(_edge(edge, answer) for edge in one.upstream) or "-")
        for one in node.columns[:_SHOWN]
    ]
    lines = table(rows)
    if node.deciders:
        deciders = [
            f"{_name(d.unique_id, answer)}.{clean(d.column)} ({', '.join(d.by)})"
            for d in node.deciders
        ]
        lines.append("  rows decided by " + ", ".join(deciders))
    if not node.complete:
        lines.append("  not all of its columns are known")
    if node.reason:
        lines.append(f"  not seen through: {clean(node.reason)}")
    return lines


def _edge(edge: Edge, answer: Lineage) -> str:
    doubt = "" if edge.certain else "?"
    return f"{_name(edge.unique_id, answer)}.{clean(edge.column)} {edge.how}{doubt}"


def _name(uid: str, answer: Lineage) -> str:
    return clean(answer.names.get(uid, uid))


def _tree(answer: Lineage, style: Style) -> str:
    start = (answer.unique_id, answer.column)
    below: dict[tuple[str, str], list[int]] = {}
    for place, step in enumerate(answer.steps):
        below.setdefault(step.via, []).append(place)
    lines = [style(f"{_name(start[0], answer)}.{clean(start[1])}", "bold")]
    todo = [(place, 1) for place in reversed(below.get(start, []))]
    while todo:
        place, depth = todo.pop()
        step = answer.steps[place]
        doubt = "" if step.certain else ", not certain"
        arrow = "<-" if answer.direction == "upstream" else "->"
        name = f"{_name(step.unique_id, answer)}.{clean(step.column)}"
        lines.append(f"{'  ' * depth}{arrow} {name}  ({step.how}{doubt})")
        todo += [(p, depth + 1) for p in reversed(below.get((step.unique_id, step.column), []))]
    if len(lines) == 1:
        lines.append(
            "  nothing " + ("above" if answer.direction == "upstream" else "below") + " it"
        )
    return "\n".join(lines) + "\n"


def lineage_mermaid(answer: Lineage) -> str:
    """Return a Mermaid graph of columns."""
    ids: dict[tuple[str, str], str] = {}
    lines = ["flowchart LR"]

    def at(uid: str, column: str) -> str:
        key = (uid, column.lower())
        if key not in ids:
            ids[key] = f"c{len(ids)}"
            text = f"{_name(uid, answer)}.{clean(column)}".replace('"', "#quot;").replace(
                "<", "#lt;"
            )
            lines.append(f'    {ids[key]}["{text}"]')
        return ids[key]

    for node in answer.nodes if not answer.direction else ():
        for one in node.columns:
            for edge in one.upstream:
                start, end = at(edge.unique_id, edge.column), at(node.unique_id, one.name)
                lines.append(f"    {start} -- {edge.how} --> {end}")
    for step in answer.steps:
        ends = [at(*step.via), at(step.unique_id, step.column)]
        if answer.direction == "upstream":
            ends.reverse()
        lines.append(f"    {ends[0]} -- {step.how} --> {ends[1]}")
    return "\n".join(lines) + "\n"
