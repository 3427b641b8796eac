"""A page as Markdown that GitHub renders well."""

from __future__ import annotations

from analytics_tools.docs.neighbourhood import Neighbour
from analytics_tools.docs.page import ColumnEntry, Page, TestEntry
from analytics_tools.render.markdown import code, escape, fenced, mermaid_label, paragraphs, row
from analytics_tools.words import counted

_SHAPES = {
    "source": ('[("', '")]'),
    "seed": ('[("', '")]'),
    "exposure": ('>"', '"]'),
    "metric": ('(["', '"])'),
}


def docs_markdown(page: Page) -> str:
    """Return the page. The same page gives the same text, always."""
    parts = [f"# {escape(page.name)}", _facts(page)]
    parts.append(paragraphs(page.description) or "*Nobody has described this yet.*")
    parts += [_columns(page), _lineage(page), _tests(page), _metrics(page), _exposures(page)]
    if page.query:
        parts.append("## Try it\n\n" + fenced(page.query, "sql"))
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(page: Page) -> str:
    told = {
        "Grain": escape(page.grain),
        "Kind": escape(" ".join(w for w in (page.layer, page.materialized, page.kind) if w))
        if page.materialized != page.kind
        else page.kind,
        "Owner": escape(page.owner),
        "Tier": escape(page.tier),
        "Access": escape(page.access) + (" with contract" if page.has_contract else ""),
        "Relation": code(page.relation),
        "File": code(page.file),
        "Tags": ", ".join(code(tag) for tag in page.tags),
        "Last run": escape(page.status),
        "Freshness": escape(page.freshness)
        + (f", last loaded {escape(page.loaded_at)}" if page.loaded_at else ""),
    }
    rows = [row(f"**{name}**", text.strip()) for name, text in told.items() if text.strip()]
    return "\n".join([row(" ", " "), row("---", "---"), *rows])


def _columns(page: Page) -> str:
    if not page.columns:
        return ""
    head = [
        row("Column", "Type", "Description", "Tests", "Read by"),
        row("---", "---", "---", "---", "---"),
    ]
    rows = [
        row(
            code(column.name),
            code(column.type),
            escape(column.description) + _standing(column) + _marks(column),
            ", ".join(code(test) for test in column.tests),
            ", ".join(map(_reader, column.readers[:4]))
            + (f" and {len(column.readers) - 4} more" if len(column.readers) > 4 else ""),
        )
        for column in page.columns
    ]
    return f"## Columns ({len(page.columns)})\n\n" + "\n".join(head + rows)


def _marks(column: ColumnEntry) -> str:
    """Say whether the column is personal, and what the semantic layer makes of it."""
    marks = ["**personal**"] if column.is_personal else []
    marks += [escape(role) for role in column.roles]
    return " (" + "; ".join(marks) + ")" if marks else ""


def _standing(column: ColumnEntry) -> str:
    """Say where YAML and the warehouse disagree."""
    if column.is_built is False:
        return " *(in YAML, not in the warehouse)*"
    return "" if column.is_declared else " *(not declared in YAML)*"


def _lineage(page: Page) -> str:
    near = page.neighbourhood
    if len(near.nodes) < 2:
        return ""
    ids = {node.unique_id: f"n{place}" for place, node in enumerate(near.nodes)}
    lines = ["flowchart LR"]
    for node in near.nodes:
        opening, closing = _SHAPES.get(node.kind, ('["', '"]'))
        lines.append(f"    {ids[node.unique_id]}{opening}{mermaid_label(_label(node))}{closing}")
    lines += [f"    {ids[parent]} --> {ids[child]}" for parent, child in near.edges]
    lines.append(f"    style {ids[page.unique_id]} stroke-width:3px")
    more = f"\n\n{counted(near.left_out, 'node')} further away not shown." * bool(near.left_out)
    return "## Lineage\n\n" + fenced("\n".join(lines), "mermaid") + more


def _label(node: Neighbour) -> str:
    return f"{node.name} (semantic model)" if node.kind == "semantic_model" else node.name


def _tests(page: Page) -> str:
    if not page.tests:
        return "## Tests\n\n*None.*"
    ran = any(test.status for test in page.tests)
    head = ["Test", "On", "What it proves"] + ["Last result"] * ran
    rows = [row(*head), row(*["---"] * len(head))]
    for test in page.tests:
        cells = [code(test.kind), ", ".join(map(code, test.columns)), _proof(test)]
        rows.append(row(*cells, *[_result(test)] * ran))
    return f"## Tests ({len(page.tests)})\n\n" + "\n".join(rows)


def _proof(test: TestEntry) -> str:
    return escape(test.description) or (code(test.name) if not test.columns else "")


def _result(test: TestEntry) -> str:
    if not test.status:
        return "did not run"
    rows = f", {counted(test.failures, 'row')}" if test.failures else ""
    good = test.status in ("pass", "success")
    return escape(test.status) + rows if good else f"**{escape(test.status)}**{rows}"


def _metrics(page: Page) -> str:
    if not page.metrics:
        return ""
    rows = [
        row(code(metric.name), escape(metric.type), escape(metric.description))
        for metric in page.metrics
    ]
    head = [row("Metric", "Type", "Description"), row("---", "---", "---")]
    return f"## Metrics ({len(rows)})\n\n" + "\n".join(head + rows)


def _exposures(page: Page) -> str:
    if not page.exposures:
        return ""
    rows = [
        row(escape(exposure.name), escape(exposure.type), escape(exposure.owner))
        for exposure in page.exposures
    ]
    head = [row("Exposure", "Type", "Owner"), row("---", "---", "---")]
    return f"## Used by ({len(rows)})\n\n" + "\n".join(head + rows)


def _reader(uid: str) -> str:
    """Return a reader's name, with its kind unless it is a model."""
    kind, *_ = uid.split(".")
    word = "" if kind == "model" else f"{kind.replace('_', ' ')} "
    return word + code(".".join(uid.split(".")[2:]))
