"""From a table in SQL to the node it is."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from analytics_tools.artifacts import Project, Relation
from analytics_tools.artifacts.code import Code
from analytics_tools.artifacts.nodes import Source

if TYPE_CHECKING:
    from sqlglot import exp

_PART = re.compile(r"\"((?:[^\"]|\"\")*)\"|`([^`]*)`|\[([^\]]*)\]|([^.\"`\[\]]+)")

# As dbt writes most names: every part in double quotes, and nothing odd in any.
_QUOTED = re.compile(r'"[\w$-]+"(?:\."[\w$-]+")*')
# What stands where a table may, in lower case: after FROM and the commas there, and after JOIN.
_FROM = re.compile(r"from\s+([^\s(),;]+)((?:\s+(?:as\s+)?\w+)?\s*,[^()]{0,300})?")
_JOIN = re.compile(r"join\s+([^\s(),;]+)")
_LISTED = re.compile(r",\s*([^\s(),;]+)")
_CTE = re.compile(r"(\"[^\"\n]+\"|`[^`\n]+`|[\w$]+)\s+as\s*(?:(?:not\s+)?materialized\s*)?\(")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a dotted, perhaps quoted name, in lower case."""
    if _QUOTED.fullmatch(name):
        return tuple(name[1:-1].lower().split('"."'))
    found: list[str] = []
    for match in _PART.finditer(name):
        part = next((group for group in match.groups() if group), "")
        # BigQuery quotes whole names at once: `a.b.c`.
        found += part.split(".") if match.group(2) else [part]
    return tuple(part.strip().lower() for part in found if part.strip())


class Names:
    """Finds nodes by the names of their relations, whichever schema they were built in."""

    def __init__(self, project: Project, code: Code) -> None:
        self._nodes: dict[tuple[str, ...], list[str]] = {}
        self._project = project
        for uid, node in project.relations.items():
            for parts in _names_of(node):
                for start in range(len(parts)):
                    known = self._nodes.setdefault(parts[start:], [])
                    if uid not in known:
                        known.append(uid)
        self.external = {
            uid: text
            for uid, source in project.sources.items()
            if (text := _external(source, code.node(uid)))
        }

    def find(self, table: exp.Table, parents: Collection[str]) -> str | None:
        """Return the node a table is, rather one of `parents` than another."""
        from sqlglot import exp

        parts = tuple(
            part.this.lower()
            for part in (table.args.get("catalog"), table.args.get("db"), table.this)
            if isinstance(part, exp.Identifier)
        )
        found = self._nodes.get(parts)
        if found is None and len(parts) == 1 and "." in parts[0]:
            found = self._nodes.get(tuple(parts[0].split(".")))
        if not found:
            return None
        own = [uid for uid in found if uid in parents]
        if own:
            return own[0]
        full = len(parts) > 1 or len(found) == 1
        return sorted(found, key=lambda uid: uid.startswith("source."))[0] if full else None

    def mentioned(self, sql: str, known: Collection[str]) -> set[str]:
        """Return nodes that a statement may read besides those known, going by its looks."""
        text = sql.lower()
        words = _tables(text)
        if any(word.startswith(("--", "/*")) for word in words):
            text = _COMMENT.sub(" ", text)
            words = _tables(text)
        found = {
            word: more for word in words if (more := self._of_word(word)) and not more & {*known}
        }
        ctes = set(_CTE.findall(text)) if found else set()
        return {uid for word, more in found.items() if word not in ctes for uid in more}

    def _of_word(self, word: str) -> set[str]:
        return {*self._nodes.get(parts_of(word), ())}

    def has(self, node: Relation, parts: int) -> bool:
        """Whether any node is built under the last `parts` of the name of one."""
        return any(name[-parts:] in self._nodes for name in _names_of(node))

    def twin(self, uid: str) -> str | None:
        """Return the seed, snapshot or model that a source reads under another name."""
        source = self._project.sources.get(uid)
        if source is None or uid in self.external:
            return None
        for parts in _names_of(source):
            for other in self._nodes.get(parts, ()):
                if not other.startswith("source."):
                    return other
        return None


def _tables(text: str) -> set[str]:
    found = set(_JOIN.findall(text))
    for word, more in _FROM.findall(text):
        found.add(word)
        found.update(_LISTED.findall(more) if more else ())
    return found


def _names_of(node: Relation) -> list[tuple[str, ...]]:
    last = (node.identifier if isinstance(node, Source) else node.alias) or node.name
    given = tuple(
        part.lower()
        for part in (node.database, node.schema, last)
        if isinstance(part, str) and part
    )
    names = [given]
    if node.relation_name:
        parts = parts_of(node.relation_name)
        if parts and parts != given:
            names.append(parts)
    return names


def _external(source: Source, code: Any) -> str:
    """Return where dbt-duckdb reads a source from, as it writes that into SQL."""
    places = [code.settings, code.settings.get("meta"), code.meta, code.source_meta]
    for place in places:
        text = place.get("external_location") if isinstance(place, dict) else None
        if isinstance(text, str) and text:
            names = {
                "name": source.name,
                "identifier": source.identifier or source.name,
                "source_name": source.source_name,
                "schema": source.schema or "",
                "database": source.database or "",
            }
            with contextlib.suppress(KeyError, IndexError, ValueError):
                text = text.format(**names)
            return text if "(" in text else f"'{text}'"
    return ""
