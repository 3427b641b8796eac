"""dbt's own artifacts, of any version, as one typed and read-only `Project`.

What belongs here: opening files, decoding, tidying shapes that changed between dbt versions, and
finding a node by its name. What does not: any judgement on what was read.
"""

from analytics_tools.artifacts.companions import Catalog, CatalogColumn, CatalogTable, read_catalog
from analytics_tools.artifacts.loading import file_in, load_project
from analytics_tools.artifacts.manifest import read_manifest
from analytics_tools.artifacts.nodes import AnyNode, Model, Relation
from analytics_tools.artifacts.project import Project, project_of
from analytics_tools.artifacts.resolve import find_model, find_relation

__all__ = [
    "AnyNode",
    "Catalog",
    "CatalogColumn",
    "CatalogTable",
    "Model",
    "Project",
    "Relation",
    "file_in",
    "find_model",
    "find_relation",
    "load_project",
    "project_of",
    "read_catalog",
    "read_manifest",
]
