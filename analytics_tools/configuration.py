"""Files of our own: the configuration in pyproject.toml, and baselines that `score` wrote.

``[tool.analytics_tools]`` is looked for from the folder of the manifest upwards, so that each
project is judged by its own rules, wherever the command is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics_tools.errors import UsageError

_MARK = b"tool.analytics_tools"


def read_configuration(near: Path, named: Path | None = None) -> Mapping[str, Any]:
    """Return the table ``[tool.analytics_tools]``; empty when no file has one.

    Args:
        near: a file or folder to look upwards from.
        named: the file to read instead.

    Raises:
        UsageError: the file can't be read, or isn't TOML.
    """
    path = named or configuration_file(near)
    return _table(path) if path else {}


def environment(name: str, near: Path) -> Path:
    """Return the folder that ``[tool.analytics_tools.environments]`` gives a name to.

    Relative folders start from the configuration's. Raises UsageError when there is no such name.
    """
    path = configuration_file(near)
    known = section(_table(path), "environments") if path else {}
    if path is None or name not in known:
        names = f"; environments are {', '.join(sorted(known))}" if known else ""
        raise UsageError(
            f"{name}: no such file or folder, nor an environment named in "
            f"[tool.analytics_tools.environments]{names}"
        )
    folder = known[name]
    if not isinstance(folder, str):
        raise UsageError(f"{path}: the environment {name} must be a path")
    return path.parent / folder


def configuration_file(near: Path) -> Path | None:
    """Return the pyproject.toml that configures the tools at or above `near`, if one does."""
    for folder in (near.resolve(), *near.resolve().parents):
        path = folder / "pyproject.toml"
        try:
            if path.is_file() and _MARK in path.read_bytes():
                return path
        except OSError as error:
            raise UsageError(f"{path}: can't be read ({error.strerror})") from None
    return None


def section(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table inside of the configuration; empty when there is none.

    Raises UsageError when it is no table.
    """
    table = configuration.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"[tool.analytics_tools.{name}] must be a table")
    return table


def _table(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from None
    table = tool.get("analytics_tools", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{path}: [tool.analytics_tools] must be a table")
    return table


def read_baseline(path: Path) -> dict[tuple[str, str], int]:
    """Return the points that each rule deducted from each model, in a score written as JSON.

    Raises UsageError when the file isn't one.
    """
    import msgspec

    try:
        document = msgspec.json.decode(path.read_bytes())
        return {
            (model["unique_id"], deduction["rule"]): int(deduction["points"])
            for model in document["models"]
            for deduction in model["deductions"]
        }
    except OSError as error:
        raise UsageError(
            f"{path}: can't be read ({error.strerror}); write one with `analytics-tools score "
            "--json > FILE`"
        ) from None
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError):
        raise UsageError(
            f"{path}: is no baseline; write one with `analytics-tools score --json > FILE`"
        ) from None
