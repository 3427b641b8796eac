"""A model's columns, as the warehouse has them and as YAML declares them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import NamedTuple

from analytics_tools.artifacts import CatalogTable, Model, Project
from analytics_tools.artifacts.nodes import Column
from analytics_tools.score.keys import folded

_PLACEHOLDERS = {"", "todo", "tbd", "fixme", "n/a", "na", "none", "-", "description", "..."}
# A text this much longer than the column's name is neither the name nor a placeholder.
_SURE = max(map(len, _PLACEHOLDERS))


class ColumnFacts(NamedTuple):
    """A model's columns by folded name: `built` as the catalog has them, `declared` in YAML.

    `built` is empty without a catalog, or when the catalog lacks the model.
    """

    built: Mapping[str, str]
    declared: Mapping[str, Column]

    @property
    def declared_names(self) -> Mapping[str, str]:
        """The declared columns' names by folded name."""
        return {key: column.name for key, column in self.declared.items()}

    @property
    def names(self) -> Mapping[str, str]:
        """The columns as built, or else as declared."""
        return self.built or self.declared_names


def column_facts(model: Model, table: CatalogTable | None) -> ColumnFacts:
    """Fold the names of a model's columns."""
    built = built_columns(table) if table else {}
    return ColumnFacts(built, {folded(c.name): c for c in model.columns.values()})


def built_columns(table: CatalogTable) -> dict[str, str]:
    """Return the names of a table's columns by folded name, in the catalog's order."""
    return {folded(column.name): column.name for column in table.in_order()}


class Notes(NamedTuple):
    """What one look at models' columns tells, by model.

    `declared` are the names in YAML and `built` those in the catalog, as they are written; a model
    that the catalog lacks is missing in `built`. `annotated` are the declared columns with meta,
    tags, a type or constraints; `undescribed` the names of those whose description says nothing:
    models where there are none, nearly all, are missing in both.
    """

    declared: Mapping[str, AbstractSet[str]]
    built: Mapping[str, AbstractSet[str]]
    annotated: Mapping[str, tuple[Column, ...]]
    undescribed: Mapping[str, tuple[str, ...]]


def notes_on(project: Project) -> Notes:
    """Look at the columns of the project's models, once, and keep little of them."""
    declared: dict[str, AbstractSet[str]] = {}
    built: dict[str, AbstractSet[str]] = {}
    annotated: dict[str, tuple[Column, ...]] = {}
    undescribed: dict[str, tuple[str, ...]] = {}
    for uid, model in project.models.items():
        columns, table = model.columns, project.tables.get(uid)
        if table is not None:
            built[uid] = table.names
        # Mostly they are the same, which need not be kept twice.
        is_alike = table is not None and built[uid] == columns.keys()
        declared[uid] = built[uid] if is_alike else dict.fromkeys(columns).keys()
        bare, more = _notable(columns.values())
        if bare:
            undescribed[uid] = tuple(bare)
        if more:
            annotated[uid] = tuple(more)
    return Notes(declared, built, annotated, undescribed)


def _notable(columns: Iterable[Column]) -> tuple[list[str], list[Column]]:
    """Return the names of those without a description, and those of which more is said."""
    bare, more = [], []
    for column in columns:
        text = column.description
        # Nearly all descriptions are long, and need no closer look.
        is_sure = text and len(text) > _SURE + len(column.name) and text[0] > " "
        if not is_sure and not is_described(text, column.name):
            bare.append(column.name)
        if column.meta or column.data_type or column.tags or column.constraints:
            more.append(column)
    return bare, more


def columns_of_others(project: Project) -> Iterator[Column]:
    """Return the declared columns of seeds, snapshots and sources."""
    for uid, relation in project.relations.items():
        if uid not in project.models:
            yield from relation.columns.values()


def common_names(project: Project, built: Mapping[str, AbstractSet[str]]) -> frozenset[str]:
    """Return the columns that at least half of the project's own tables have, of four or more.

    `built` are the names of each model's columns in the catalog.
    """
    tables = [
        built[uid]
        for uid, model in project.models.items()
        if model.package_name == project.name and uid in built
    ]
    counts = Counter(chain.from_iterable(tables))
    least = max(4, len(tables) / 2)
    return frozenset(name for name, count in counts.items() if count >= least)


def is_described(description: str | None, name: str) -> bool:
    """Whether a description says anything beyond a placeholder or the name itself."""
    text = (description or "").strip().rstrip(".").lower()
    return text not in _PLACEHOLDERS and text != name.lower()
