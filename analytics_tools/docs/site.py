"""The whole project as a set of pages: what there is, and in which file it is told."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping

from analytics_tools.artifacts import Model, Project, Relation
from analytics_tools.artifacts.nodes import Record, Source, Test
from analytics_tools.artifacts.project import referred
from analytics_tools.impact import owner_of
from analytics_tools.layers import folders_of, place
from analytics_tools.score.keys import folded, tested_columns

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_LAYER_WORDS = {"staging", "stage", "stg", "intermediate", "int", "marts", "mart", "final",
                "bronze", "silver", "gold"}  # fmt: skip


class Entry(Record, frozen=True):
    """A relation in the index: `section` is its layer (or kind), `domain` the folder within."""

    unique_id: str
    name: str
    section: str
    domain: str
    description: str
    owner: str
    path: str


class Relationship(Record, frozen=True):
    """A foreign key that a test proves: both ends as unique id and column, the child's domain."""

    child: str
    child_column: str
    parent: str
    parent_column: str
    domain: str


class MetricLine(Record, frozen=True):
    """A metric of the dictionary, with the models it takes its numbers from, as unique ids."""

    name: str
    label: str
    type: str
    description: str
    models: tuple[str, ...]


class Term(Record, frozen=True):
    """A word of the glossary: a column that several relations have, with its meanings.

    `meanings` are the different descriptions, most used first, each with the unique ids it is
    found in.
    """

    name: str
    meanings: tuple[tuple[str, tuple[str, ...]], ...]


class Site(Record, frozen=True):
    """All that is told of a project besides the pages of its relations."""

    project: str
    entries: tuple[Entry, ...]
    relationships: tuple[Relationship, ...]
    metrics: tuple[MetricLine, ...]
    terms: tuple[Term, ...]
    owners: tuple[tuple[str, tuple[str, ...]], ...]

    def paths(self) -> Mapping[str, str]:
        """The file of each relation's page, relative to the site, by unique id."""
        return {entry.unique_id: entry.path for entry in self.entries}


def site_of(project: Project) -> Site:
    """Gather what the pages of a project hold."""
    relations = [project.relations[uid] for uid in sorted(project.relations)]
    paths = _paths(relations)
    entries = tuple(_entry(one, project, paths[one.unique_id]) for one in relations)
    return Site(
        project=project.name,
        entries=entries,
        relationships=_relationships(project),
        metrics=_metrics(project),
        terms=_terms(relations),
        owners=_owners(project),
    )


def _paths(relations: Iterable[Relation]) -> dict[str, str]:
    """Return a file for each relation that no other one has, on any file system."""
    wanted: dict[str, str] = {}
    for one in relations:
        folder = "sources" if isinstance(one, Source) else f"{one.kind}s"
        wanted[one.unique_id] = f"{folder}/{_UNSAFE.sub('-', one.label)[:120].lstrip('.')}"
    taken = Counter(path.lower() for path in wanted.values())
    return {
        uid: f"{path}.md" if taken[path.lower()] == 1 and not path.endswith("/")
        else f"{path}-{zlib.crc32(uid.encode('utf-8', 'replace')):08x}.md"
        for uid, path in wanted.items()
    }  # fmt: skip


def _entry(one: Relation, project: Project, path: str) -> Entry:
    description = one.description or (one.source_description if isinstance(one, Source) else "")
    section = str(place(one).layer or "models") if isinstance(one, Model) else f"{one.kind}s"
    return Entry(
        unique_id=one.unique_id,
        name=one.label,
        section=section,
        domain=_domain(one),
        description=(description or "").strip(),
        owner=owner_of(one, project),
        path=path,
    )


def _domain(one: Relation) -> str:
    """Return the folders of a model that name no layer, or the name of a source."""
    if isinstance(one, Source):
        return one.source_name
    if not isinstance(one, Model):
        return ""
    return "/".join(folder for folder in folders_of(one) if folder.lower() not in _LAYER_WORDS)


def _relationships(project: Project) -> tuple[Relationship, ...]:
    """Return the foreign keys that relationships tests prove, each once."""
    found: set[tuple[str, str, str, str]] = set()
    for uid, tests in project.tests_by_node.items():
        for test in tests if uid in project.relations else ():
            other = _other_end(test, project)
            columns = tested_columns(test)
            field = test.arguments.get("field")
            if other and len(columns) == 1 and isinstance(field, str):
                found.add((uid, columns[0], other, folded(field)))
    return tuple(
        Relationship(child, column, parent, field, _domain(project.relations[child]))
        for child, column, parent, field in sorted(found)
    )


def _other_end(test: Test, project: Project) -> str:
    """Return what a relationships test points to; empty for other tests."""
    if test.test_metadata is None or test.test_metadata.name != "relationships":
        return ""
    to = referred(str(test.arguments.get("to", "")))
    for parent in project.parents.get(test.unique_id, ()):
        node = project.relations.get(parent)
        if node is not None and to in (node.name, node.label):
            return parent
    return ""


def _metrics(project: Project) -> tuple[MetricLine, ...]:
    lines = []
    for metric in sorted(project.metrics.values(), key=lambda one: (one.name, one.unique_id)):
        lines.append(
            MetricLine(
                name=metric.name,
                label=metric.label_ or "",
                type=metric.type or "",
                description=(metric.description or "").strip(),
                models=_models_below(metric.unique_id, project),
            )
        )
    return tuple(lines)


def _models_below(uid: str, project: Project) -> tuple[str, ...]:
    """Return the nearest models that a metric stands on, through metrics and semantic models."""
    found: set[str] = set()
    todo, seen = [uid], {uid}
    while todo:
        for parent in project.parents.get(todo.pop(), ()):
            if parent in project.models:
                found.add(parent)
            elif parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return tuple(sorted(found))


def _terms(relations: Iterable[Relation]) -> tuple[Term, ...]:
    """Return the described columns that two relations or more have."""
    meanings: dict[str, dict[str, list[str]]] = {}
    for one in relations:
        for column in one.columns.values():
            text = " ".join((column.description or "").split())
            if text:
                meanings.setdefault(folded(column.name), {}).setdefault(text, []).append(
                    one.unique_id
                )
    terms = []
    for name, texts in sorted(meanings.items()):
        if sum(map(len, texts.values())) > 1:
            ranked = sorted(texts.items(), key=lambda item: (-len(item[1]), item[0]))
            terms.append(Term(name, tuple((text, tuple(uids)) for text, uids in ranked)))
    return tuple(terms)


def _owners(project: Project) -> tuple[tuple[str, tuple[str, ...]], ...]:
    owned: dict[str, list[str]] = {}
    for uid in sorted({*project.relations, *project.exposures}):
        owner = owner_of(project.nodes_by_id[uid], project)
        if owner:
            owned.setdefault(owner, []).append(uid)
    return tuple((owner, tuple(uids)) for owner, uids in sorted(owned.items()))
