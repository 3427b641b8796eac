"""Which values must not be shown: what is personal stays in the warehouse."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.nodes import Column, Relation
from analytics_tools.lineage import Lineages, lineage_of
from analytics_tools.lineage.columns import Edge
from analytics_tools.score.keys import folded
from analytics_tools.score.pii import is_marked, is_masked, speaks_of_a_person

MASK = "•••"
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_DEEPEST = 400
ANY = "*"


def masked_message(message: str, project: Project) -> str:
    """Return a message without mail addresses, and without quotes if it names a personal column."""
    message = _COLOURS.sub("", message)
    words = {word.lower() for word in re.findall(r"\w+", message)}
    if words & personal_names(project):
        message = _QUOTED.sub(lambda m: m.group()[0] + MASK + m.group()[0], message)
    return _MAIL.sub(MASK, message)


def without_quotes(message: str) -> str:
    """Return a message in which nothing is quoted: whose value it is, nobody can tell."""
    return _MAIL.sub(MASK, _QUOTED.sub(lambda m: m.group()[0] + MASK + m.group()[0], message))


def personal_names(project: Project) -> frozenset[str]:
    """Return the names of columns that any relation of the project marks as personal."""
    return _personal_names(_Same(project))


class _Same:
    """A project as a key of the cache below: the same object, not an equal one."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __hash__(self) -> int:
        return id(self.project)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.project is self.project


@functools.lru_cache(maxsize=4)
def _personal_names(same: _Same) -> frozenset[str]:
    return frozenset(
        folded(column.name)
        for node in same.project.relations.values()
        for column in node.columns.values()
        if is_marked(column)
    )


class Masks:
    """Tells which columns of a relation may hold personal data, on either side.

    A column counts as personal when it is marked so, when its name speaks of a person, when a
    column of that name is marked anywhere in the project, or when it is taken, by column lineage,
    from such a column. What a column says of itself (``pii: false``, a mask) wins over its name.
    Where the lineage can't be seen through, text counts as personal.
    """

    def __init__(self, projects: Iterable[Project], lineages: Lineages | None) -> None:
        self._projects = tuple(projects)
        self._lineages = lineages
        self._known: dict[tuple[str, str], bool | None] = {}
        self._read: dict[str, dict[str, tuple[Edge, ...]]] = {}

    def is_personal(self, uid: str, column: str, is_text: bool) -> bool:
        """Whether values of the column must be masked."""
        found = self._trace(uid, folded(column), 0)
        return is_text if found is None else found

    def _trace(self, uid: str, column: str, depth: int) -> bool | None:
        """Follow a column upwards; None when the way is lost."""
        key = (uid, column)
        if key not in self._known:
            self._known[key] = None if depth > _DEEPEST else False  # a loop tells nothing new
            self._known[key] = self._look(uid, column, depth)
        return self._known[key]

    def _look(self, uid: str, column: str, depth: int) -> bool | None:
        said = [self._says(project, uid, column) for project in self._projects]
        if any(one is True for one in said):
            return True
        if any(one is False for one in said):
            return False
        return self._above(uid, column, depth)

    def _says(self, project: Project, uid: str, column: str) -> bool | None:
        node = project.relations.get(uid)
        declared = _declared(node, column) if node else None
        if declared is not None:
            marked = is_marked(declared)
            if marked is not None:
                return marked
            if is_masked(declared, ""):
                return False
        if speaks_of_a_person(column) or column in personal_names(project):
            return True
        return None

    def _above(self, uid: str, column: str, depth: int) -> bool | None:
        if self._lineages is None or uid not in self._lineages.project.relations:
            return None
        if uid.startswith(("source.", "seed.")):
            return False
        edges = self._edges(uid).get(column)
        if edges is None:
            return None
        unsure = False
        for edge in edges:
            above = folded(edge.column)
            found = None if above == ANY else self._trace(edge.unique_id, above, depth + 1)
            if found:
                return True
            unsure = unsure or found is None
        return None if unsure else False

    def _edges(self, uid: str) -> dict[str, tuple[Edge, ...]]:
        if self._lineages is not None and uid not in self._read:
            own = lineage_of(self._lineages, uid)
            self._read[uid] = {folded(one.name): one.upstream for one in own.columns}
        return self._read.get(uid, {})


def _declared(node: Relation, column: str) -> Column | None:
    return next((c for c in node.columns.values() if folded(c.name) == column), None)
