"""Where the template's files are: in the checkout this package runs from, or inside the package.

The build of the wheel loads this file by its path to learn what to pack, so it imports nothing of
the package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent
PACKED = PACKAGE / "files"
OVERLAY = PACKAGE / "overlay"
DISTRIBUTION = "dbt-analytics-tools"

FOLDERS = (
    ".devcontainer",
    ".github",
    ".gitlab",
    "analytics",
    "docs",
    "scripts",
    "tests/engines",
)
FILES = (
    ".ci/run",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".sqlfluff",
    ".yamllint",
    "Makefile",
    "benchmarks/incremental.py",
    "pyproject.toml",
    "requirements.lock",
    "requirements-bigquery.lock",
    "requirements-databricks.lock",
    "requirements-postgres-server.lock",
    "requirements-postgres.lock",
    "requirements-redshift.lock",
    "requirements-snowflake.lock",
    "requirements-spark.lock",
    "requirements-trino.lock",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/integration/__init__.py",
    "tests/integration/random_batches.py",
)
# Tests of the dbt project go with it; the others are of the tools or of this repository.
TESTS = (
    "build",
    "drift",
    "governance",
    "history",
    "house_rules",
    "incremental",
    "macros",
    "metrics",
    "monitoring",
    "random_batches",
    "reconciliation",
    "tie_out",
)
# Of the package and its releases, so no part of a project made from it.
LEFT = (
    ".github/actions/",
    ".github/workflows/bake.yml",
    ".github/workflows/release.yml",
    "scripts/dist.sh",
    "scripts/pack_template.py",
)
# What dbt and Python leave behind.
REMAINS = {"target", "logs", "dbt_packages", "__pycache__", ".user.yml", ".DS_Store"}


def read_template() -> dict[str, str]:
    """Return every file of the template by its path, as text."""
    root = checkout() or PACKED
    return {path: (root / path).read_text(encoding="utf-8") for path in template_paths(root)}


def read_overlay(kind: str) -> dict[str, str]:
    """Return the files that only a project of this kind has: `demo` or `starter`."""
    folder = OVERLAY / kind
    return {path: (folder / path).read_text(encoding="utf-8") for path in _below(folder, "")}


def checkout() -> Path | None:
    """Return the repository's root when the package is imported from a checkout of it."""
    root = PACKAGE.parent.parent
    about = root / "pyproject.toml"
    if not (root / "analytics" / "dbt_project.yml").is_file() or not about.is_file():
        return None
    said = tomllib.loads(about.read_text(encoding="utf-8"))
    return root if said.get("project", {}).get("name") == DISTRIBUTION else None


def template_paths(root: Path) -> list[str]:
    """Return the paths of the template's files below `root`, with forward slashes, in order."""
    tests = [f"tests/integration/test_{name}.py" for name in TESTS]
    found = [path for path in (*FILES, *tests) if (root / path).is_file()]
    for folder in FOLDERS:
        found += [path for path in _below(root, folder) if not path.startswith(LEFT)]
    return sorted(found)


def _below(root: Path, folder: str) -> Iterator[str]:
    for path in sorted((root / folder).rglob("*")):
        inside = path.relative_to(root)
        if path.is_file() and not REMAINS & set(inside.parts):
            yield inside.as_posix()
