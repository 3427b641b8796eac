"""What really changes between two versions of a project.

What belongs here: comparing two projects node by node, what follows for those downstream, what has
to be built anew, and what breaks. What does not: reading SQL (see `analytics_tools.sql`), output.
"""

from analytics_tools.changes.answer import Break, Changes, ColumnChange, NodeChange
from analytics_tools.changes.engine import changes_between

__all__ = ["Break", "Changes", "ColumnChange", "NodeChange", "changes_between"]
