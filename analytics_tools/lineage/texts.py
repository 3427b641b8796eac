"""The SQL of every node as text: compiled, or rendered here, and which relations it names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.code import Code, NodeCode
from analytics_tools.lineage.names import Names

_SIMPLE_JINJA = re.compile(r"\{\{\s*(ref|source)\s*\(([^(){}]*)\)\s*\}\}")
_CONFIG = re.compile(r"\{\{\s*config\s*\((?:[^{}]|\{[^{}]*\})*\)\s*\}\}")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STRING = re.compile(r"""['"]([^'"]*)['"]""")


class Texts:
    """The SQL of one project.

    Args:
        code_of: replaces the SQL of some nodes, by unique id.
    """

    def __init__(
        self, project: Project, code: Code, code_of: Mapping[str, str] | None = None
    ) -> None:
        self.project = project
        self.code = code
        self.names = Names(project, code)
        self._code_of = code_of or {}
        self._unlisted: dict[str, frozenset[str]] = {}

    def sql_of(self, uid: str) -> str:
        """Return the SQL of a node: compiled, or rendered here where that is simple; else empty."""
        if uid in self._code_of:
            return self._code_of[uid]
        code = self.code.node(uid)
        return code.compiled or self._rendered(uid, code)

    def canonical(self, uid: str) -> str:
        """Return the SQL of a node with nodes in place of the relations they were built as."""
        text = self.placed(uid, self.sql_of(uid))
        names = {}
        for parent in (*self.project.parents.get(uid, ()), uid):
            node = self.project.relations.get(parent)
            if node is not None and node.relation_name:
                names[node.relation_name] = "{" + parent + "}"
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return text

    def unlisted(self, uid: str) -> frozenset[str]:
        """Return the nodes that a node's SQL names without ``ref``, so that dbt doesn't know."""
        known = self._unlisted.get(uid)
        if known is None:
            named = self.names.mentioned(self.sql_of(uid), {uid, *self._listed(uid)})
            known = self._unlisted[uid] = frozenset(named)
        return known

    def _listed(self, uid: str) -> set[str]:
        """Return what a node reads as dbt knows, itself or through what is ephemeral."""
        read = reads(self.project, uid)
        return {*read, *filter(None, map(self.names.twin, read))}

    def tables_of(self, uid: str) -> list[str]:
        """Return the relations that a node's SQL reads, as far as dbt knows.

        What is ephemeral is part of the SQL, and a source may be a seed.
        """
        known = self.project.relations
        read = (self.names.twin(one) or one for one in reads(self.project, uid))
        return list(dict.fromkeys(u for u in read if u in known and not is_ephemeral(known[u])))

    def externals(self, uid: str) -> list[str]:
        """Return the sources in files that a node reads, itself or through what is ephemeral."""
        external = self.names.external
        return [one for one in reads(self.project, uid) if one in external] if external else []

    def placed(self, uid: str, sql: str) -> str:
        """Put names in place of the files that sources are read from."""
        for place, source in enumerate(self.externals(uid)):
            sql = sql.replace(self.names.external[source], f"dbt_external.s{place}")
        return sql

    def _rendered(self, uid: str, code: NodeCode) -> str:
        """Render code that has no Jinja but ref, source and config; empty when it has more."""
        text = _COMMENT.sub("", _CONFIG.sub("", code.raw))
        if not text.strip():
            return ""
        by_name = {}
        for parent in self.project.parents.get(uid, ()):
            node = self.project.relations.get(parent)
            if node is not None:
                by_name[node.label] = by_name[node.name] = node

        def name(match: re.Match[str]) -> str:
            words = _STRING.findall(match.group(2))
            plain = words and "=" not in match.group(2)
            label = (
                ".".join(words[-2:]) if match.group(1) == "source" else words[-1] if words else ""
            )
            node = by_name.get(label) if plain else None
            if node is None or not node.relation_name or is_ephemeral(node):
                return match.group()
            return self.names.external.get(node.unique_id) or node.relation_name

        text = _SIMPLE_JINJA.sub(name, text)
        return "" if "{{" in text or "{%" in text else text


def is_ephemeral(node: object) -> bool:
    return isinstance(node, Model) and node.materialized == "ephemeral"


def reads(project: Project, uid: str) -> list[str]:
    """Return what a node reads, nearest first: of what is ephemeral, what that reads as well."""
    found: dict[str, None] = {}
    todo = [uid]
    for one in todo:
        for parent in project.parents.get(one, ()):
            if parent not in found and parent != uid:
                found[parent] = None
                if is_ephemeral(project.relations.get(parent)):
                    todo.append(parent)
    return list(found)


def inlined(project: Project, uid: str) -> list[str]:
    """Return the ephemeral models that are part of a node's SQL."""
    return [u for u in reads(project, uid) if is_ephemeral(project.relations.get(u))]


def tidy(code: str) -> str:
    """Return code but for comments that have a line of their own, and indentation."""
    lines = [line.strip() for line in _COMMENT.sub("", code).split("\n")]
    return "\n".join(line for line in lines if line and not line.startswith("--"))
