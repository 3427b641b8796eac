"""One version of a project, as it is compared."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code
from analytics_tools.artifacts.companions import first_line


@dataclass(frozen=True)
class Side:
    """One version: the project, and its code."""

    project: Project
    code: Code

    def failure(self, uid: str) -> str:
        """Return what a node failed at when this version was last run; empty where it didn't."""
        ran = self.project.results.get(uid)
        if ran is None or ran.status != "error":
            return ""
        return first_line(ran.message or "") or "no more is said"
