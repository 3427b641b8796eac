"""What is known of a table before it is staged: columns, types, and what its rows looked like."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.nodes import Relation
from analytics_tools.errors import UsageError


@dataclass(frozen=True)
class ColumnSeen:
    """A column, and counts over the rows that were looked at; all 0 where none were."""

    name: str
    type: str
    filled: int = 0
    distinct: int = 0
    padded: int = 0
    blank: int = 0
    distinct_trimmed: int = 0
    distinct_folded: int = 0
    addresses: int = 0
    values: tuple[str, ...] = ()
    longest_gap: int = 0  # days between two days that occur, for dates and timestamps
    days: int = 0
    newest: str = ""  # the last of these days
    comment: str = ""


@dataclass(frozen=True)
class TableSeen:
    """A table's columns in order, and how much of it was looked at.

    `rows` is None where only names and types are known. `pairs` are pairs of columns that no two
    rows share.
    """

    columns: tuple[ColumnSeen, ...]
    rows: int | None = None
    is_all: bool = True
    files: int = 0
    location: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def extent(self) -> str:
        """How much was looked at, in words."""
        if self.rows is None:
            return "no rows seen"
        rows = f"{self.rows:,} rows"
        files = "one file" if self.files == 1 else f"{self.files:,} files"
        if self.rows == 1:
            return f"the one row of {files}"
        return f"all {rows} of {files}" if self.is_all else f"the first {rows} of {files}"


def from_catalog(project: Project, relation: Relation) -> TableSeen | None:
    """Return what the catalog, or else YAML with types, says of a relation; None where neither."""
    built = project.tables.get(relation.unique_id)
    if built is not None and built.columns:
        columns = (
            ColumnSeen(column.name, column.type or "", comment=column.comment or "")
            for column in built.in_order()
        )
        return TableSeen(tuple(columns))
    declared = [c for c in relation.columns.values() if c.data_type]
    if not declared:
        return None
    return TableSeen(tuple(ColumnSeen(column.name, column.data_type or "") for column in declared))


def check_columns(seen: TableSeen) -> TableSeen:
    """Return the table, or raise UsageError where a column's name can't stand in a model."""
    if not seen.columns:
        raise UsageError("the source has no columns")
    for column in seen.columns:
        if not column.name.strip() or not column.name.isprintable() or set(column.name) & _UNSAFE:
            raise UsageError(
                f"the column {column.name!r} can't be named in a model: rename it where it lands"
            )
    return seen


# What ends a quoted name, or begins Jinja.
_UNSAFE = set("{}\"'`\\")
