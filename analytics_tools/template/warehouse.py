"""What a project says of the engine it builds on: default target, adapter, README, CI.

DuckDB stays beside any other: tests and CI build there, in a file, without an account.
"""

from __future__ import annotations

import re

from analytics_tools.errors import AnalyticsToolsError
from analytics_tools.template.warehouse_ci import with_job

TITLES = {
    "duckdb": "DuckDB",
    "postgres": "Postgres",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "redshift": "Redshift",
    "databricks": "Databricks",
    "spark": "Spark",
    "trino": "Trino",
}
WAREHOUSES = tuple(TITLES)
PROFILES = "analytics/profiles.yml"
TEMPLATE = "analytics/profile_template.yml"
# Engines that `make load` can bring the landed files to.
_LOADED = ("postgres", "spark")
_LOCK = re.compile(r"requirements-(\w+)\.lock")
_OUTPUT = re.compile(r"^    (\w+):", re.M)
_VARIABLE = re.compile(r"env_var\('(\w+)'(?:, '([^']*)')?\)")
_NOTE = """\
    # Where `make build` builds. What is called DBT_ENV_SECRET_... dbt keeps out of what it writes.
"""
_README = """It builds on {title}: `make build` and plain `dbt` take the target `{warehouse}` of
[analytics/profiles.yml](analytics/profiles.yml), which asks the environment where that is:

| variable | |
|---|---|
{variables}

{raw}
Without an account, `make build TARGET=dev` builds all of it on DuckDB, in a file of its own;
`make test`, `make ci` and CI do so too.

"""
_LANDED = """`make load` brings the sample to the schemas `raw_...` (`ANALYTICS_RAW_SCHEMA`), where
a connector will write your own data."""
_WRITTEN = """Raw tables are read where a connector writes them, in the schemas `raw_...`
(`ANALYTICS_RAW_SCHEMA`)."""


def for_warehouse(files: dict[str, str], warehouse: str, *, demo: bool) -> dict[str, str]:
    """Return the files as a project on this engine has them.

    The demo is to look things up in, so it keeps what it says of the other engines.
    """
    outputs = dict(_blocks(files[PROFILES]))
    if not demo:
        files = _alone(files, outputs, warehouse)
    if warehouse == "duckdb":
        return files
    if warehouse not in outputs:
        raise AnalyticsToolsError(f"the template's {PROFILES} has no target {warehouse}")
    files = _by_default(files, warehouse)
    asked = dict(_VARIABLE.findall(outputs[warehouse]))
    table = "| place | what |\n"
    files["README.md"] = _replaced(files["README.md"], table, _words(asked, warehouse) + table)
    # Spark's target runs inside dbt's process: on a CI machine that is nobody's production.
    return files if warehouse == "spark" else with_job(files, warehouse, TITLES[warehouse], asked)


def _alone(files: dict[str, str], outputs: dict[str, str], warehouse: str) -> dict[str, str]:
    """Without what is of other engines: targets, locks, dependencies, ways to load files."""
    files = {path: text for path, text in files.items() if not _of_other(path, warehouse)}
    kept = [block for name, block in outputs.items() if name not in TITLES]
    if own := outputs.get(warehouse):
        kept += [_NOTE, own[_OUTPUT.search(own).start() :]]  # type: ignore[union-attr]
    files[PROFILES] = "".join(kept)
    for pattern in _groups_but(warehouse):
        files["pyproject.toml"] = re.sub(pattern, "", files["pyproject.toml"], flags=re.M)
    if warehouse not in _LOADED:
        makefile = re.sub(r"^load: .*\n(?:\t.*\n)+\n", "", files["Makefile"], flags=re.M)
        files["Makefile"] = makefile.replace(" load ", " ", 1)
    return files


def _groups_but(warehouse: str) -> list[str]:
    """Patterns of what pyproject.toml says of other engines."""
    others = [name for name in TITLES if name != warehouse]
    patterns = [rf"^(?:{'|'.join(others)}|\w+-server) = \[.*\n"]
    return [*patterns, r"^# One group an engine: .*\n"] if warehouse == "duckdb" else patterns


def _by_default(files: dict[str, str], warehouse: str) -> dict[str, str]:
    """With this target where none is named; CI, which has no account, names DuckDB's."""
    title = TITLES[warehouse]
    changes = [
        (PROFILES, "('DBT_TARGET', 'dev')", f"('DBT_TARGET', '{warehouse}')"),
        (TEMPLATE, "TARGET\n    default: dev\n", f"TARGET\n    default: {warehouse}\n"),
        ("Makefile", "TARGET ?= dev\n", f"TARGET ?= {warehouse}\n"),
        (".ci/run", "make build\n", "make build TARGET=dev\n"),
        ("README.md", "dbt project on DuckDB", f"dbt project on {title}"),
    ]
    changed = {
        path: _replaced(files[path], old, new) for path, old, new in changes if path in files
    }
    return {**files, **changed}


def _of_other(path: str, warehouse: str) -> bool:
    if path.startswith("scripts/load"):
        return warehouse not in _LOADED or path in _loaders_but(warehouse)
    lock = _LOCK.fullmatch(path)
    return bool(lock) and lock[1] in TITLES and lock[1] != warehouse  # type: ignore[index]


def _loaders_but(warehouse: str) -> set[str]:
    return {f"scripts/loading/{name}.py" for name in _LOADED if name != warehouse}


def _blocks(text: str) -> list[tuple[str, str]]:
    """The text up to the outputs, by no name, then each output with the comments above it."""
    lines = text.splitlines(keepends=True)
    start = lines.index("  outputs:\n") + 1
    blocks = [("", "".join(lines[:start]))]
    above = ""
    for line in lines[start:]:
        name = _OUTPUT.match(line)
        if line.startswith("    #"):
            above += line
        elif name:
            blocks.append((name[1], above + line))
            above = ""
        else:
            blocks[-1] = (blocks[-1][0], blocks[-1][1] + above + line)
            above = ""
    return blocks


def _words(variables: dict[str, str], warehouse: str) -> str:
    rows = [
        f"| `{name}` | {f'`{default}` if not set' if default else 'required'} |"
        for name, default in variables.items()
    ]
    return _README.format(
        title=TITLES[warehouse],
        warehouse=warehouse,
        variables="\n".join(rows),
        raw=_LANDED if warehouse in _LOADED else _WRITTEN,
    )


def _replaced(text: str, old: str, new: str) -> str:
    if old not in text:
        raise AnalyticsToolsError(f"the template no longer says: {old.strip()}")
    return text.replace(old, new)
