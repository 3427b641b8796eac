"""From nodes to relations: what each model, seed, snapshot and source of a project holds.

What belongs here: finding the node that a table in SQL is, and reading each node once, with what it
reads before it. What does not: any comparison of two projects.
"""

from analytics_tools.lineage.columns import ColumnLineage, Edge, NodeLineage, lineage_of, trace
from analytics_tools.lineage.reading import Lineages, Reading

__all__ = ["ColumnLineage", "Edge", "Lineages", "NodeLineage", "Reading", "lineage_of", "trace"]
