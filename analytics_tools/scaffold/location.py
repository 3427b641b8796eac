"""Where raw files are, as a source says it: from the project's folder, `{name}` for the table."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.dbt_project import DbtProject
from analytics_tools.scaffold.house import most_common
from analytics_tools.scaffold.yaml_files import yaml_files

# Stands for a source's name, and in no file.
_NAME = "\0"
_ENV = re.compile(r"\{\{\s*env_var\(\s*['\"](\w+)['\"]\s*,\s*['\"]([^'\"]*)['\"]\s*\)\s*\}\}")


def location_of(entry: dict[str, Any]) -> str:
    """Return a source's or table's `external_location` as written; empty where it has none."""
    config = entry.get("config")
    for table in (config if isinstance(config, dict) else {}, entry):
        meta = table.get("meta")
        found = meta.get("external_location") if isinstance(meta, dict) else None
        if isinstance(found, str):
            return found
    return ""


def rendered(location: str, table: str) -> str:
    """Return a location with its environment variables and the table's name in it.

    Empty where it has Jinja, or parts of dbt-duckdb, that we can't render.
    """
    plain = _ENV.sub(lambda match: os.environ.get(match.group(1), match.group(2)), location)
    plain = plain.replace("{name}", table).replace("{identifier}", table)
    return "" if "{" in plain else plain


def relative(pattern: str, root: Path) -> str:
    """Return files' pattern as it is called from the project's folder, with forward slashes."""
    path = os.path.normpath(Path.cwd() / pattern)
    if not Path(path).is_relative_to(root.resolve().parent):
        return Path(path).as_posix()
    return Path(os.path.relpath(path, root.resolve())).as_posix()


def as_written(path: str, table: str, known: Iterable[str]) -> str:
    """Return a location in the manner of those that the project has.

    Args:
        path: the pattern, relative to the project.
        table: stands as `{name}` where it is a folder or file of its own.
        known: other sources' locations; where they begin with a variable whose default the path
            begins with, so does this one.
    """
    parts = path.split("/")
    for place in reversed(range(len(parts))):
        named = re.sub(rf"^{re.escape(table)}(?=$|\.)", "{name}", parts[place])
        if named != parts[place]:
            parts[place] = named
            break  # a folder of that name further out may be the source's
    written = "/".join(parts)
    for location in known:
        variable = _ENV.match(location)
        if variable and written.startswith(variable.group(2) + "/"):
            return variable.group() + written.removeprefix(variable.group(2))
    return written


def known_locations(dbt: DbtProject) -> list[str]:
    """Return every location that the project's sources are written with."""
    found = []
    for file in yaml_files(dbt, "external_location"):
        for source in file.entries("sources"):
            tables = source.get("tables")
            inner = tables if isinstance(tables, list) else []
            found += [location_of(one) for one in (source, *inner) if isinstance(one, dict)]
    return [location for location in found if location]


def schema_for(dbt: DbtProject, name: str) -> str:
    """Return a new source's schema, as most others write theirs with their names; else empty."""
    seen: Counter[str] = Counter()
    sources = [one for file in yaml_files(dbt, "schema:") for one in file.entries("sources")]
    for source in sources:
        schema = str(source.get("schema") or "")
        head, found, tail = schema.rpartition(source["name"])
        if found:
            seen[f"{head}{_NAME}{tail}"] += 1
    if not seen or 2 * max(seen.values()) <= len(sources):
        return ""
    written = most_common(seen).replace(_NAME, name)
    return written if written != name else ""


def check_location(location: str) -> str:
    """Return a location, or raise UsageError where dbt-duckdb would take a part for a variable."""
    if re.search(r"[{}]", _ENV.sub("", location).replace("{name}", "")):
        raise UsageError(f"{location}: dbt-duckdb takes what is in braces for a variable")
    return location
