"""The job that builds a project's production where it is: on its engine, when main moves."""

from __future__ import annotations

import re

from analytics_tools.errors import AnalyticsToolsError

GITHUB = ".github/workflows/deploy.yml"
GITLAB = ".gitlab/dbt-review.yml"
_ON_GITHUB = """
  # Off until the repository's variable BUILD_WAREHOUSE is true, and its environment `warehouse` has
  # the variables and secrets named below.
  warehouse:
    name: Build on {title}
    if: github.ref == 'refs/heads/main' && vars.BUILD_WAREHOUSE == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: warehouse
    permissions:
      contents: read
    steps:
{steps}
      - run: make build
        env:
          ANALYTICS_SCHEMA: prod
{env}
"""
_ON_GITLAB = """
# Off until the variable BUILD_WAREHOUSE is true, and the project's CI variables have what the
# target {warehouse} of analytics/profiles.yml asks for, secrets masked.
warehouse:
  extends: .python
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $BUILD_WAREHOUSE == "true"
  resource_group: warehouse
  interruptible: false
  variables:
    ANALYTICS_SCHEMA: prod
  script:
    - make build
"""
_STEPS = re.compile(r"^      - uses: actions/(?:checkout|setup-python)@.*\n(?:        .*\n)+", re.M)


def with_job(
    files: dict[str, str], warehouse: str, title: str, variables: dict[str, str]
) -> dict[str, str]:
    """Return the files with that job in the workflows that they have."""
    files = dict(files)
    if GITHUB in files:
        steps = _STEPS.findall(files[GITHUB])[:2]
        if len(steps) != 2:
            raise AnalyticsToolsError(f"the template's {GITHUB} no longer checks out with a Python")
        job = _ON_GITHUB.format(title=title, steps="".join(steps).rstrip(), env=_env(variables))
        files[GITHUB] += job
    if GITLAB in files:
        files[GITLAB] += _ON_GITLAB.format(warehouse=warehouse)
    return files


def _env(variables: dict[str, str]) -> str:
    """What GitHub has no value for would be empty, not absent: so defaults are said again."""
    lines = []
    for name, default in variables.items():
        if name == "ANALYTICS_SCHEMA":
            continue
        kept = "secrets" if "SECRET" in name else "vars"
        otherwise = f" || '{default}'" if default else ""
        lines.append(f"          {name}: ${{{{ {kept}.{name}{otherwise} }}}}")
    return "\n".join(lines)
