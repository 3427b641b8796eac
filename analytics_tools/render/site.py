"""A whole project's pages as Markdown files that link to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from posixpath import relpath
from urllib.parse import quote

from analytics_tools.docs import Page
from analytics_tools.docs.site import Entry, Relationship, Site
from analytics_tools.render.docs import docs_markdown
from analytics_tools.render.markdown import code, escape, fenced, row
from analytics_tools.words import counted

_SECTIONS = ("marts", "intermediate", "staging", "models", "snapshots", "seeds", "sources")
_SUMMARY = 140
# Mermaid refuses larger pictures, and nobody reads them.
_MOST_EDGES = 60
_MEANINGS = 3


def site_files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every page but those of single relations."""
    yield "index.md", _index(site)
    yield "relationships.md", _relationships(site)
    yield "metrics.md", _metrics(site)
    yield "glossary.md", _glossary(site)
    yield "owners.md", _owners(site)


def page_file(page: Page, path: str, paths: Mapping[str, str]) -> str:
    """Return the text of a relation's page that lies at `path` of the site."""
    here = path.rpartition("/")[0]
    lines = []
    for word, uids in (("Reads", page.parents), ("Read by", page.readers)):
        if uids:
            lines.append(f"**{word}** " + ", ".join(_link(uid, paths, here) for uid in uids))
    home = f"[Index]({relpath('index.md', here)})"
    return f"{home}\n\n{docs_markdown(page)}" + ("\n## Neighbours\n\n" + "\n\n".join(lines) + "\n"
                                                 if lines else "")  # fmt: skip


def _link(uid: str, paths: Mapping[str, str], here: str = "") -> str:
    """Return the name of a node, as a link where it has a page."""
    name = escape(".".join(uid.split(".")[2:]) or uid)
    if uid not in paths:
        return f"{name} ({uid.partition('.')[0].replace('_', ' ')})"
    return f"[{name}]({quote(relpath(paths[uid], here or '.'))})"


def _index(site: Site) -> str:
    parts = [f"# {escape(site.project) or 'Project'}"]
    parts.append(
        "[Relationships](relationships.md) · [Metrics](metrics.md) · [Glossary](glossary.md) · "
        "[Owners](owners.md)"
    )

    def rank(entry: Entry) -> tuple[int, str, str, str]:
        return (_SECTIONS.index(entry.section), entry.domain, entry.name, entry.unique_id)

    entries = sorted(site.entries, key=rank)
    for section, group in groupby(entries, key=lambda entry: entry.section):
        found = list(group)
        parts.append(f"## {section.capitalize()} ({len(found)})")
        for domain, inside in groupby(found, key=lambda entry: entry.domain):
            if domain:
                parts.append(f"### {escape(domain)}")
            head = [row("Name", "What it is", "Owner"), row("---", "---", "---")]
            parts.append("\n".join([*head, *map(_line, inside)]))
    return "\n\n".join(parts) + "\n"


def _line(entry: Entry) -> str:
    text = " ".join(entry.description.split())
    short = text if len(text) <= _SUMMARY else text[: _SUMMARY - 1].rstrip() + "…"
    return row(f"[{escape(entry.name)}]({quote(entry.path)})", escape(short), escape(entry.owner))


def _relationships(site: Site) -> str:
    parts = [_head("Relationships")]
    if not site.relationships:
        parts.append("*No relationships test says how tables belong together.*")
    paths = site.paths()
    ordered = sorted(site.relationships, key=lambda one: (one.domain, one.child, one.child_column))
    for domain, group in groupby(ordered, key=lambda one: one.domain):
        found = list(group)
        parts.append(f"## {escape(domain) or 'All'}")
        parts.append(fenced("\n".join(["erDiagram", *_edges(found[:_MOST_EDGES])]), "mermaid"))
        if len(found) > _MOST_EDGES:
            parts.append(f"The first {_MOST_EDGES} of {len(found)}.")
        head = [row("Column", "Points to"), row("---", "---")]
        rows = [
            row(
                f"{_link(one.child, paths)} {code(one.child_column)}",
                f"{_link(one.parent, paths)} {code(one.parent_column)}",
            )
            for one in found
        ]
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def _edges(found: list[Relationship]) -> list[str]:
    return [
        f'    {_entity(one.parent)} ||--o{{ {_entity(one.child)} : "{_entity(one.child_column)}"'
        for one in found
    ]


def _entity(uid: str) -> str:
    """Return a name that Mermaid takes for an entity."""
    name = ".".join(uid.split(".")[2:]) or uid
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name) or "_"


def _metrics(site: Site) -> str:
    parts = [_head("Metrics")]
    paths = site.paths()
    rows = [
        row(
            code(metric.name),
            escape(metric.type),
            escape(metric.description or metric.label),
            ", ".join(_link(uid, paths) for uid in metric.models),
        )
        for metric in site.metrics
    ]
    head = [row("Metric", "Type", "What it counts", "From"), row("---", "---", "---", "---")]
    parts.append("\n".join([*head, *rows]) if rows else "*None.*")
    return "\n\n".join(parts) + "\n"


def _glossary(site: Site) -> str:
    parts = [_head("Glossary"), "Columns that several relations have, and what they mean there."]
    paths = site.paths()
    for term in site.terms:
        lines = [f"## {escape(term.name)}", ""]
        for text, uids in term.meanings[:_MEANINGS]:
            where = ", ".join(_link(uid, paths) for uid in uids[:5])
            more = f" and {len(uids) - 5} more" if len(uids) > 5 else ""
            lines.append(f"- {escape(text)} ({where}{more})")
        if len(term.meanings) > _MEANINGS:
            lines.append(f"- and {counted(len(term.meanings) - _MEANINGS, 'other meaning')}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _owners(site: Site) -> str:
    parts = [_head("Owners")]
    paths = site.paths()
    for owner, uids in site.owners:
        links = "\n".join(f"- {_link(uid, paths)}" for uid in uids)
        parts.append(f"## {escape(owner)} ({len(uids)})\n\n{links}")
    if not site.owners:
        parts.append("*Nobody is named.*")
    return "\n\n".join(parts) + "\n"


def _head(title: str) -> str:
    return f"[Index](index.md)\n\n# {title}"
