"""`init`: what is written into a project that exists, and what is there already and stays."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics_tools.adopt.baseline import baseline_of
from analytics_tools.adopt.ci import (
    GITLAB,
    HOOKS,
    SCRIPT,
    WORKFLOW,
    ci_files,
    dbt_words,
    hook_changes,
    reviewed_by,
)
from analytics_tools.adopt.guess import Guess, guess_layers
from analytics_tools.artifacts import Project
from analytics_tools.configuration import configuration_file, read_configuration, section
from analytics_tools.errors import UsageError
from analytics_tools.scaffold.answer import Change
from analytics_tools.scaffold.dbt_project import DbtProject, read_text
from analytics_tools.score import ScoreReport, settings_from
from analytics_tools.template.tools import Tools, is_of_this_machine
from analytics_tools.words import listed

BASELINE = "score_baseline.json"
_PYPROJECT = "pyproject.toml"
_HEAD = "# The score's configuration; see docs/reference/score.md of dbt-analytics-tools.\n"


@dataclass(frozen=True)
class Kept:
    """A file that is there, and stays as it is."""

    path: str
    why: str


@dataclass(frozen=True)
class Adopted:
    """What `init` writes below `root`, the repository's folder, and what it found there.

    `guess` is None where the project is configured already.
    """

    name: str
    root: Path
    place: str
    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]
    guess: Guess | None
    models: int
    score: float | None
    notes: tuple[str, ...]

    @property
    def next(self) -> str:
        """The command that shows that CI starts green."""
        where = "" if self.place == "." else f"cd {self.place} && "
        return f"{where}analytics-tools score --baseline {BASELINE}"


def plan_init(dbt: DbtProject, project: Project, *, ci: str, hook: bool, tools: Tools) -> Adopted:
    """Return what sets the tools up. Raises UsageError.

    Args:
        dbt: the project.
        project: its artifacts.
        ci: github, gitlab or none.
        hook: whether pre-commit scores it as well.
        tools: how CI installs this package, and the wheel that goes along with that.
    """
    if project.name and project.name != dbt.name:
        raise UsageError(
            f"the manifest is of the project {project.name}, and dbt_project.yml of {dbt.name}: "
            "run `dbt parse`"
        )
    root = repository(dbt.root)
    place = dbt.root.resolve().relative_to(root).as_posix()
    guess, configured = _configured(dbt, project, root)
    table = section(read_configuration(dbt.root), "score") if guess is None else guess.table
    baseline, report = baseline_of(project, settings_from(table))
    baseline_path = (Path(place) / BASELINE).as_posix()
    files: dict[str, str | bytes] = {baseline_path: baseline}
    changes, kept = list(configured[0]), list(configured[1])
    reviewed = reviewed_by(ci, root)
    if reviewed and reviewed != WORKFLOW[ci]:
        kept.append(Kept(reviewed, "reviews changes already"))
    elif ci != "none":
        files |= ci_files(ci, place, dbt_words(root, place, project), tools.requirement)
        files |= tools.files
    _sort(root, files, changes, kept)
    if hook:
        hooked = list(hook_changes(root, place))
        changes += hooked
        kept += [] if hooked else [Kept(HOOKS, "has the hook already")]
    return Adopted(
        name=dbt.name,
        root=root,
        place=place,
        changes=tuple(changes),
        kept=tuple(kept),
        guess=guess,
        models=len(report.models),
        score=report.score,
        notes=tuple(
            _notes(project, {one.path for one in changes}, guess, report, tools.requirement)
        ),
    )


def _sort(
    root: Path, files: dict[str, str | bytes], changes: list[Change], kept: list[Kept]
) -> None:
    """Put what is missing to the changes, and what is there to what is kept."""
    for path, content in files.items():
        if (root / path).exists():
            kept.append(Kept(path, "is there already"))
        elif isinstance(content, bytes):
            changes.append(Change(path, "", data=content))
        else:
            changes.append(Change(path, content))


def repository(folder: Path) -> Path:
    """Return the folder of the git repository around a folder; without one, the folder itself."""
    folder = folder.resolve()
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def _configured(
    dbt: DbtProject, project: Project, root: Path
) -> tuple[Guess | None, tuple[list[Change], list[Kept]]]:
    """The guess, with the file it goes to; or the file that configures the project already."""
    there = configuration_file(dbt.root)
    if there is not None:
        inside = there.is_relative_to(root)
        path = there.relative_to(root).as_posix() if inside else str(there)
        return None, ([], [Kept(path, "configures the tools already")])
    guess = guess_layers(project)
    for folder in (dbt.root.resolve(), *dbt.root.resolve().parents):
        file = folder / _PYPROJECT
        if file.is_file():
            name = file.relative_to(root).as_posix()
            text = read_text(file)
            return guess, ([Change(name, _appended(text, guess, name), before=text)], [])
        if folder == root:
            break
    name = (dbt.root.resolve() / _PYPROJECT).relative_to(root).as_posix()
    return guess, ([Change(name, _HEAD + guess.toml)], [])


def _appended(text: str, guess: Guess, name: str) -> str:
    """pyproject.toml with the guess at its end, and otherwise as it was."""
    ending = "\r\n" if "\r\n" in text else "\n"
    added = ("\n" + _HEAD + guess.toml).replace("\n", ending)
    new = text + ("" if text.endswith("\n") or not text else ending) + added
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: is not valid TOML: {error}") from None
    try:
        after = tomllib.loads(new)
    except tomllib.TOMLDecodeError:  # a table written on one line can't grow
        after = {}
    tool = before.get("tool", {})
    if after != {**before, "tool": {**tool, "analytics_tools": {"score": _said_by(guess)}}}:
        raise UsageError(f"{name}: can't be added to safely: write [tool] as a table of its own")
    return new


def _said_by(guess: Guess) -> object:
    """What the guess's own TOML says."""
    return tomllib.loads(guess.toml)["tool"]["analytics_tools"]["score"]


def _notes(
    project: Project, new: set[str], guess: Guess | None, report: ScoreReport, tools: str
) -> Iterator[str]:
    if all(model.package_name != project.name for model in project.models.values()):
        scored = "those of its packages are scored" if report.models else "nothing is scored"
        yield f"the project has no model of its own, so {scored}"
    if guess is not None and guess.placed * 5 < guess.models * 4:
        yield (
            f"rules that need a layer pass over {listed(guess.left, 4)}: name their folders or "
            "prefixes in the configuration"
        )
    if SCRIPT not in new:
        return
    if is_of_this_machine(tools):
        yield ".ci/dbt_review.sh installs the tools from a path of this machine: change it for CI"
    if WORKFLOW["gitlab"] in new and GITLAB not in new:
        yield f"{GITLAB} is yours: include .gitlab/dbt-review.yml there"
    if project.adapter != "duckdb":
        yield f"CI needs a profile for {project.adapter or 'dbt'}; made-up values do to parse"
