"""What the repository's own files say differently in a project made from it.

The template is a repository that also makes a package; a project only uses one. Each change names
the words it replaces and fails where the template no longer has them, so none is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from analytics_tools.errors import AnalyticsToolsError
from analytics_tools.template import makefile
from analytics_tools.template.tools import is_of_this_machine

# Those that stay where the demo goes.
MACROS = ("byte_order", "cents_to_dollars", "generate_schema_name", "latest_version", "type_money")
_PYPROJECT_PARTS = (
    "dependency-groups",
    "tool.uv",
    "tool.ruff",
    "tool.ruff.lint",
    "tool.ruff.lint.per-file-ignores",
    "tool.pytest.ini_options",
)
_PYPROJECT = """[project]
name = "analytics"
version = "0.1.0"
description = "A dbt project: sources to metrics"
requires-python = "{python}"
# What dbt-analytics-tools needs; the package itself is in requirements-tools.txt.
{dependencies}

"""
# The tests that come along were sorted where the package was at home.
_SORTED = """[tool.ruff.lint.isort]
known-first-party = ["analytics_tools"]
"""
_LAYOUT = """
# The project's name stands in their lines, and with its length it changes how these break.
[tool.ruff.format]
exclude = [{files}]

[tool.ruff.lint.extend-per-file-ignores]
{rules}
"""
_TOOLS = """# Where the package with the command analytics-tools comes from, in pip's words.
# What it needs in its turn is in requirements.lock, so it is installed by itself.
{note}{requirement}
"""
_THIS_MACHINE = """# The path is of the machine that made this project: change it before CI runs.
"""


class TemplateError(AnalyticsToolsError):
    """The template's files are not what this version of the package knows how to adapt."""


def adapted(files: dict[str, str], *, demo: bool, ci: str) -> dict[str, str]:
    """Return the files as a project of its own has them."""
    files = dict(files)

    def change(path: str, how: Callable[[str], str]) -> None:
        if path in files:
            files[path] = how(files[path])

    change("Makefile", lambda text: makefile.for_project(text, demo=demo, ci=ci))
    change("pyproject.toml", pyproject)
    change(".pre-commit-config.yaml", lambda text: text if ci == "github" else _no_zizmor(text))
    for path, old, new in _REPLACED if demo else (*_REPLACED, *_REPLACED_IN_STARTER):
        if path in files:
            files[path] = _replaced(files[path], path, old, new)
    if ci == "gitlab":
        files[".gitlab-ci.yml"] = "include:\n  - local: .gitlab/dbt-review.yml\n"
    if demo:
        change("docs/guides/extending.md", _land_by_hand)
    else:
        change("analytics/macros/_macros.yml", lambda text: _described(text, MACROS))
        change(".github/CODEOWNERS", _only_core)
    return files


def tools_file(requirement: str) -> str:
    """Return requirements-tools.txt."""
    note = _THIS_MACHINE if is_of_this_machine(requirement) else ""
    return _TOOLS.format(note=note, requirement=requirement)


def pyproject(text: str) -> str:
    """Return pyproject.toml of a project that is no package: its environment and its linters."""
    parts = re.split(r"^(?=\[)", text, flags=re.M)
    by_name = {part[1 : part.index("]")]: part.rstrip() for part in parts if part.startswith("[")}
    missing = [name for name in ("project", *_PYPROJECT_PARTS) if name not in by_name]
    if missing:
        raise TemplateError(f"the template's pyproject.toml has no section {missing[0]}")
    own = by_name["project"]
    python = re.search(r'^requires-python = "(.+)"$', own, re.M)
    needed = re.search(r"^dependencies = \[\n.*?^\]$", own, re.M | re.S)
    if not python or not needed:
        raise TemplateError("the template's pyproject.toml states no Python or no dependencies")
    head = _PYPROJECT.format(python=python.group(1), dependencies=needed.group())
    return head + "\n\n".join([*(by_name[name] for name in _PYPROJECT_PARTS), _SORTED])


def layout_exceptions(paths: list[str]) -> str:
    """Return what pyproject.toml says of Python files whose lines grew or shrank with the name."""
    if not paths:
        return ""
    files = "".join(f'\n    "{path}",' for path in paths) + "\n"
    return _LAYOUT.format(files=files, rules="\n".join(f'"{path}" = ["E501"]' for path in paths))


# File, words of the template, words of the project.
_REPLACED = (
    (
        "scripts/install.sh",
        '--no-build-isolation --python "$venv/bin/python" -e .',
        '--no-build-isolation --python "$venv/bin/python" -r requirements-tools.txt',
    ),
    (
        "scripts/install.sh",
        "pip install --quiet --no-deps --no-build-isolation -e .",
        "pip install --quiet --no-deps --no-build-isolation -r requirements-tools.txt",
    ),
    (".github/dependabot.yml", "directories: [/, /.github/actions/review]", "directory: /"),
    (
        ".github/CODEOWNERS",
        "analytics/models/_groups.yml, and a test holds the two together. The",
        "analytics/models/_groups.yml. The",
    ),
)
_REPLACED_IN_STARTER = (
    (
        "scripts/summary.py",
        "make test, make day (land a day and build again), README.md",
        "make test, docs/guides/start.md",
    ),
    (
        "analytics/offline/dbt_utils/README.md",
        ", and\na case in `tests/integration/test_macros.py`",
        "",
    ),
)


def _replaced(text: str, path: str, old: str, new: str) -> str:
    if old not in text:
        raise TemplateError(f"the template's {path} no longer says: {old}")
    return text.replace(old, new)


def _no_zizmor(text: str) -> str:
    """The hook that reads GitHub's workflows, where there are none."""
    return re.sub(r"^      - id: zizmor\n(?:        .*\n)*", "", text, flags=re.M)


def _only_core(text: str) -> str:
    """The owners of folders that the starter has."""
    return re.sub(r"^/analytics/models/marts/(?!core/).*\n", "", text, flags=re.M)


def _described(text: str, macros: tuple[str, ...]) -> str:
    """The descriptions of these macros alone."""
    head, *entries = re.split(r"^(?=  - name: )", text, flags=re.M)
    kept = [e.rstrip() for e in entries if e.split(":", 1)[1].split()[0] in macros]
    if len(kept) != len(macros):
        raise TemplateError("the template's _macros.yml lacks a macro that the starter uses")
    return head + "\n\n".join(kept) + "\n"


_BY_HAND = """**Land it.** A connector does. To follow this guide, in the project's root:

```sh
mkdir -p data/raw/doors/counts
.venv/bin/python -c "import duckdb; duckdb.sql(\'\'\'copy (
    select s as store_id, current_date - d::int as counted_on,
        case when d = 7 then -1 else 50 + (s * d) % 200 end as visitors,
        (current_date - d::int + 1)::timestamp as _airbyte_extracted_at
    from range(1, 60) as t(d) cross join range(2, 5) as u(s)
) to \'data/raw/doors/counts/part_1.parquet\' \'\'\')"
```

"""


def _land_by_hand(text: str) -> str:
    """In the repository a raw table is a query of the package; in a project it is just files."""
    parts = re.split(r"^(?=\*\*(?:Land|Declare) it\.\*\*)", text, maxsplit=2, flags=re.M)
    if len(parts) != 3:
        raise TemplateError("the template's extending.md no longer lands and declares a source")
    return parts[0] + _BY_HAND + parts[2]
