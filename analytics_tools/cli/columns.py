"""Which columns a column reaches, for commands that may be asked about columns."""

from __future__ import annotations

from analytics_tools.artifacts import Project, Relation, file_in
from analytics_tools.artifacts.code import read_code
from analytics_tools.artifacts.loading import default_manifest
from analytics_tools.cli.common import Options
from analytics_tools.errors import UsageError
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.cache import cache_beside
from analytics_tools.lineage.columns import reached


def reached_from(
    options: Options, project: Project, start: Relation, columns: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the columns as the node writes them, and what they reach by node.

    Raises UsageError when the node has no such column.
    """
    path = file_in(options.manifest, "manifest.json") if options.manifest else default_manifest()
    with cache_beside(path) as memory:
        lineages = Lineages(project, read_code(path), memory=memory)
        relation = lineages.reading(start.unique_id).relation
        names = {value.name.lower(): value.name for value in relation.columns.values()}
        for column in columns:
            if column.lower() not in names and not relation.open:
                raise UsageError(
                    f"{start.label} has no column {column!r}; it has {', '.join(names.values())}"
                )
        wanted = tuple(names.get(column.lower(), column) for column in columns)
        return wanted, reached(lineages, start.unique_id, wanted)
