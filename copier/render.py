"""Makes a project's files for copier, by the engine of `analytics-tools new`.

Copier calls it from a clone of the template, at the version that it wants, with a Python of its
own that has none of our dependencies. It writes over what is there: copier, which asked git for the
user's changes before, puts them back afterwards.

Usage: render.py FOLDER ANSWERS LEFT_OUT    (the last two in JSON)
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main(folder: str, answers: str, left_out: str) -> None:
    # Before any import of ours: it needs tomllib.
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit("error: copier runs on a Python older than 3.11: install it with a newer one")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT))
    from analytics_tools import template
    from analytics_tools.errors import AnalyticsToolsError

    asked = json.loads(answers)
    skipped = {unescaped(path) for path in json.loads(left_out)}
    try:
        name = template.check_name(asked.pop("name"))
        tools = asked.pop("tools").strip() or of_the_clone()
        new = template.NewProject(name=name, tools=tools, **asked)
        files = template.plan(template.read_template(), new)
    except AnalyticsToolsError as error:
        sys.exit(f"error: {error}")
    for path, text in files.items():
        if path not in skipped:
            template.write_file(Path(folder, path), text)


def unescaped(pattern: str) -> str:
    """The path that copier names by a pattern in the manner of .gitignore."""
    return pattern.replace("\\", "").removeprefix("/")


def of_the_clone() -> str:
    """A requirement for pip: this very commit of the repository that copier has cloned."""
    url = git("remote", "get-url", "origin")
    if Path(url).exists():
        url = Path(url).resolve().as_uri()
    elif "://" not in url:  # user@host:path, which pip does not read
        url = "ssh://" + url.replace(":", "/", 1)
    return f"dbt-analytics-tools @ git+{url}@{git('rev-parse', 'HEAD')}"


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
