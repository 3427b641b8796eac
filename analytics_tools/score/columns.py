"""A model's columns, as the warehouse has them and as YAML declares them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
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
    built = {folded(c.name): c.name for c in table.in_order()} if table else {}
    declared = {folded(c.name): c for c in model.columns.values()} if model.columns else {}
    return ColumnFacts(built, declared)


class Notes(NamedTuple):
    """What is remarkable about models' declared columns, by model: nearly all of them aren't.

    `annotated` are those with meta, tags, a type or constraints; `undescribed` the names of those
    whose description says nothing.
    """

    annotated: Mapping[str, tuple[Column, ...]]
    undescribed: Mapping[str, tuple[str, ...]]


def notes_on(project: Project) -> Notes:
    """Look at every declared column of the project's models, once."""
    annotated: dict[str, tuple[Column, ...]] = {}
    undescribed: dict[str, tuple[str, ...]] = {}
    for uid, model in project.models.items():
        bare, more = [], []
        for column in model.columns.values():
            text = column.description
            # Nearly all descriptions are long, and need no closer look.
            is_sure = text and len(text) > _SURE + len(column.name) and text[0] > " "
            if not is_sure and not is_described(text, column.name):
                bare.append(column.name)
            if column.meta or column.data_type or column.tags or column.constraints:
                more.append(column)
        if bare:
            undescribed[uid] = tuple(bare)
        if more:
            annotated[uid] = tuple(more)
    return Notes(annotated, undescribed)


def columns_of_others(project: Project) -> Iterator[Column]:
    """Return the declared columns of seeds, snapshots and sources."""
    for uid, relation in project.relations.items():
        if uid not in project.models:
            yield from relation.columns.values()


def common_names(project: Project) -> frozenset[str]:
    """Return the columns that at least half of the project's own tables have, of four or more."""
    tables = [
        project.tables[uid].columns.keys()
        for uid, model in project.models.items()
        if model.package_name == project.name and uid in project.tables
    ]
    counts = Counter(chain.from_iterable(tables))
    least = max(4, len(tables) / 2)
    return frozenset(name for name, count in counts.items() if count >= least)


def is_described(description: str | None, name: str) -> bool:
    """Whether a description says anything beyond a placeholder or the name itself."""
    text = (description or "").strip().rstrip(".").lower()
    return text not in _PLACEHOLDERS and text != name.lower()
