"""The files that make CI score and review each change, and the entry for pre-commit."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from analytics_tools.artifacts import Project
from analytics_tools.scaffold.answer import Change
from analytics_tools.scaffold.dbt_project import read_text
from analytics_tools.scaffold.spelling import spelling_of
from analytics_tools.scaffold.yaml_edit import append
from analytics_tools.scaffold.yaml_text import dump
from analytics_tools.template import read_template

CI = ("github", "gitlab", "none")
SCRIPT, COMMENT = ".ci/dbt_review.sh", ".ci/dbt_comment.py"
WORKFLOW = {"github": ".github/workflows/dbt-review.yml", "gitlab": ".gitlab/dbt-review.yml"}
GITLAB, HOOKS = ".gitlab-ci.yml", ".pre-commit-config.yaml"
HOOK = "analytics-tools-score"


def likely_ci(root: Path) -> str:
    """Return whose CI a repository runs in, by its files and its remote."""
    if (root / GITLAB).exists() or (root / ".gitlab").is_dir():
        return "gitlab"
    config = root / ".git" / "config"
    return "gitlab" if config.is_file() and "gitlab" in read_text(config) else "github"


def reviewed_by(kind: str, root: Path) -> str:
    """Return the file by which CI scores or reviews changes already; empty where none does."""
    patterns = {"github": [".github/workflows/*.y*ml"], "gitlab": [GITLAB, ".gitlab/*.y*ml"]}
    for pattern in patterns.get(kind, []):
        for path in sorted(root.glob(pattern)):
            if re.search(r"analytics-tools|slim_ci\.sh|dbt_review\.sh", read_text(path)):
                return path.relative_to(root).as_posix()
    return ""


def ci_files(kind: str, place: str, dbt: str, tools: str) -> dict[str, str]:
    """Return CI's files by their paths in the repository.

    Args:
        kind: github or gitlab.
        place: the dbt project's folder in the repository.
        dbt: how CI installs dbt, in pip's words.
        tools: likewise this package.
    """
    template = read_template()
    words = {"@PROJECT@": shlex.quote(place), "@DBT@": dbt, "@TOOLS@": shlex.quote(tools)}
    script = _file("dbt_review.sh")
    for mark, word in words.items():
        script = script.replace(mark, word)
    files = {
        SCRIPT: script,
        COMMENT: template["scripts/comment.py"].replace("comment.py", "dbt_comment.py"),
    }
    if kind == "github":
        return files | {WORKFLOW[kind]: _with_actions(template[".github/workflows/ci.yml"])}
    include = f"include:\n  - local: {WORKFLOW[kind]}\n"
    return files | {WORKFLOW[kind]: _file("gitlab.yml"), GITLAB: include}


def _with_actions(ours: str) -> str:
    """The workflow, with the actions that this repository's own uses, pinned as there."""
    pins = dict(re.findall(r"uses: (actions/[\w-]+)(@\S+ # \S+)", ours))
    return re.sub(r"(actions/[\w-]+)@PINNED", lambda m: m[1] + pins[m[1]], _file("github.yml"))


def dbt_words(root: Path, place: str, project: Project) -> str:
    """Return how CI installs dbt: from requirements that are there, else as the manifest says."""
    for path in dict.fromkeys((f"{place}/requirements.txt", "requirements.txt")):
        if (root / path).is_file() and "dbt" in read_text(root / path):
            return f"-r {shlex.quote(Path(path).as_posix().removeprefix('./'))}"
    major, minor = spelling_of(project.dbt_version).version
    core = f"dbt-core>={major}.{minor},<{major}.{minor + 1}" if major == 1 else "dbt-core"
    return " ".join(shlex.quote(word) for word in (core, f"dbt-{project.adapter or 'duckdb'}"))


def hook_changes(root: Path, place: str) -> Iterator[Change]:
    """The change that has pre-commit score the project; none where it does."""
    path = root / HOOKS
    where = "" if place == "." else f"{place}/"
    target, baseline = shlex.quote(f"{where}target"), shlex.quote(f"{where}score_baseline.json")
    entry = {
        "repo": "local",
        "hooks": [
            {
                "id": HOOK,
                "name": "score of the dbt project",
                "description": "Run dbt parse before; it reads target/manifest.json",
                "entry": f"analytics-tools score --manifest {target} --baseline {baseline}",
                "language": "system",
                "files": rf"^{re.escape(where)}.*\.(sql|ya?ml)$",
                "pass_filenames": False,
            }
        ],
    }
    if not path.exists():
        yield Change(HOOKS, dump({"repos": [entry]}))
        return
    text = read_text(path)
    if HOOK not in text:
        yield Change(HOOKS, append(text, ("repos",), entry, HOOKS), before=text)


def _file(name: str) -> str:
    folder = resources.files("analytics_tools.adopt") / "files"
    return (folder / name).read_text(encoding="utf-8")
