"""What changed between two catalogs: relations and columns, each change classed by its effect.

A column that is gone breaks whoever reads it; one that widened does not. What can't be told is
called unknown, and unknown counts as breaking.
"""

from analytics_tools.diff.columns import compare_columns
from analytics_tools.diff.declared import declared_diff
from analytics_tools.diff.model import (
    CatalogDiff,
    ColumnChange,
    Effect,
    Migration,
    Promise,
    Readers,
    RelationChange,
    spoken_name,
)
from analytics_tools.diff.relations import Side, diff_catalogs

__all__ = [
    "CatalogDiff",
    "ColumnChange",
    "Effect",
    "Migration",
    "Promise",
    "Readers",
    "RelationChange",
    "Side",
    "compare_columns",
    "declared_diff",
    "diff_catalogs",
    "spoken_name",
]
