"""Which files a new project has, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_tools.template.adapting import MACROS, adapted, layout_exceptions, tools_file
from analytics_tools.template.renaming import renamed
from analytics_tools.template.source import read_overlay
from analytics_tools.template.warehouse import for_warehouse

CI = ("github", "gitlab", "none")

_FOR_GITHUB = (".github/", "scripts/production.sh")
_FOR_GITLAB = (".gitlab/", ".gitlab-ci.yml", "scripts/production_gitlab.sh")
_FOR_ANY_CI = (
    ".ci/",
    "scripts/comment.py",
    "scripts/review_of_run.sh",
    "scripts/slim_ci.sh",
    "scripts/unpack.sh",
)
_DEMO_ALONE = (
    ".github/workflows/engines.yml",
    "benchmarks/",
    "docs/",
    "requirements-postgres-server.lock",
    "tests/",
)
# Guides that name no model of the demo.
_GUIDES = {f"docs/guides/{name}.md" for name in ("daily", "start", "upgrading")}
# What of the dbt project is no part of the demo, and stays where the demo goes.
_STAYS = (
    "analytics/analyses/README.md",
    "analytics/macros/_macros.yml",
    *(f"analytics/macros/{name}.sql" for name in MACROS),
    "analytics/models/utilities/",
    "analytics/offline/dbt_utils/",
    "analytics/package",
    "analytics/profile",
    "analytics/seeds/README.md",
    "analytics/selectors.yml",
)


@dataclass(frozen=True)
class NewProject:
    """What was asked for."""

    name: str
    tools: str
    demo: bool = True
    ci: str = "github"
    warehouse: str = "duckdb"

    @property
    def kind(self) -> str:
        return "demo" if self.demo else "starter"


def plan(template: dict[str, str], new: NewProject) -> dict[str, str]:
    """Return the files of the new project by their paths, in order."""
    overlay = read_overlay(new.kind)
    files = {**template, **overlay}
    chosen = {path: files[path] for path in sorted(files) if path in overlay or wanted(path, new)}
    chosen = {path: text for path, text in chosen.items() if not _of_other_ci(path, new.ci)}
    own = for_warehouse(adapted(chosen, demo=new.demo, ci=new.ci), new.warehouse, demo=new.demo)
    own["requirements-tools.txt"] = tools_file(new.tools)
    named = renamed(own, new.name)
    touched = [path for path in named if path.endswith(".py") and named[path] != own[path]]
    named["pyproject.toml"] += layout_exceptions(touched)
    return dict(sorted(named.items()))


def wanted(path: str, new: NewProject) -> bool:
    """Tell whether a file of the template has a place in the new project."""
    if new.demo:
        return True
    if path.startswith("analytics/"):
        return path.startswith(_STAYS)
    return path in _GUIDES or not path.startswith(_DEMO_ALONE)


def _of_other_ci(path: str, ci: str) -> bool:
    if ci != "github" and path.startswith(_FOR_GITHUB):
        return True
    if ci != "gitlab" and path.startswith(_FOR_GITLAB):
        return True
    return ci == "none" and path.startswith(_FOR_ANY_CI)
