"""The template's own name, `analytics`, wherever it is a name, becomes the project's.

It is a name as dbt's project and profile, in ids such as `model.analytics.fct_orders`, as the stem
of the production file and so of its database, and in titles. It is none in `analytics/`, the
folder of the dbt project, nor in `ANALYTICS_*`, the environment's variables: those say what a thing
is for and are the same in every project, so that scripts, guides and updates fit each of them.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_KINDS = (
    r"model|test|unit_test|seed|snapshot|source|metric|group|macro|exposure|semantic_model"
    r"|saved_query|analysis|\{kind\}"
)
_EVERYWHERE = (
    r"\b@(?=\.duckdb\b)",
    rf"(?<![\w.])(?:{_KINDS})\.@(?=\.)",
    r"\b[Pp]roject @\b(?![-/])",
)
# Which file, and where in it; @ stands for the name.
_BY_FILE = (
    ("analytics/dbt_project.yml", r"^(?:name|profile): @$"),
    ("analytics/dbt_project.yml", r"^  @(?=:$)"),
    ("analytics/profiles.yml", r"^@(?=:$)"),
    ("analytics/profiles.yml", r"\balias: @$"),
    ("scripts/ci.py", r" as @(?= \()"),
    ("scripts/ci.py", r"\bf\"@(?=\.\{)"),
    ("scripts/sqlfluff_stubs/*", r"\b(?:package_name|project_name|database) ?= ?\"@(?=\")"),
    ("tests/*", r"\"package_name\"\] [=!]= \"@(?=\")"),
    ("pyproject.toml", r"^name = \"@(?=\")"),
    (".devcontainer/devcontainer.json", r"\"name\": \"@(?=\")"),
    ("README.md", r"^# @$"),
)


def renamed(files: dict[str, str], name: str) -> dict[str, str]:
    """Return the files with `name` wherever the template's own stood."""
    return {
        path: _renamed_text(path, text, name) if "analytics" in text else text
        for path, text in files.items()
    }


def _renamed_text(path: str, text: str, name: str) -> str:
    patterns = [*_EVERYWHERE, *(where for glob, where in _BY_FILE if fnmatchcase(path, glob))]
    for pattern in patterns:
        found = pattern.replace("@", "analytics")
        text = re.sub(found, lambda hit: hit.group().replace("analytics", name), text, flags=re.M)
    return text
