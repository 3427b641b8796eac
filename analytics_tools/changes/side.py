"""One version of a project, as it is compared."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code


@dataclass(frozen=True)
class Side:
    """One version: the project, and its code."""

    project: Project
    code: Code
