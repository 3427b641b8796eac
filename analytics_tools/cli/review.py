"""`analytics-tools review`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics_tools.cli.common import kept, style, warn, write
from analytics_tools.errors import UsageError

if TYPE_CHECKING:
    from analytics_tools.review import Review, State

_PATH = click.Path(path_type=Path)
_FORMATS = ("text", "markdown", "json", "github")
_SUFFIXES = {".md": "markdown", ".json": "json", ".txt": "text"}


@click.command("review")
@click.option(
    "--base",
    type=_PATH,
    help="What is: a target folder, with the run and the catalog of production if it has them. "
    "Without it head alone is looked at.",
)
@click.option(
    "--head", required=True, type=_PATH, help="What will be: a target folder, with the run of CI."
)
@click.option(
    "--build", type=_PATH, help="The target folder of CI's run, where --head was only compiled."
)
@click.option("--base-data", type=_PATH, help="Production's DuckDB file; read, never written.")
@click.option("--head-data", type=_PATH, help="The DuckDB file that CI built into.")
@click.option(
    "--data-diff-limit",
    type=click.IntRange(min=0),
    metavar="ROWS",
    default=5_000_000,
    show_default=True,
    help="Only count the rows of relations that have more than this.",
)
@click.option(
    "--data-diff", "always", multiple=True, metavar="NAME",
    help="Compare this relation whatever its size, and even if nothing in it can differ. "
    "Repeatable.",
)  # fmt: skip
@click.option(
    "--fail-on",
    type=click.Choice(["breaks", "look", "never"]),
    default="breaks",
    show_default=True,
    help="End with exit code 1 at this verdict, or a graver one.",
)
@click.option(
    "--format", "format_", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--out", type=_PATH, help="Write the answer to this file instead of stdout.")
@click.option(
    "--write", "also", multiple=True, type=_PATH, metavar="FILE",
    help="Write the answer to this file as well, as its name ends: .md, .json or .txt. Repeatable.",
)  # fmt: skip
@click.option(
    "--project-dir",
    type=_PATH,
    help="The dbt project's folder, from which paths in annotations and views count (default: the "
    "one around --head, or below the current folder).",
)
@click.option(
    "--config",
    type=_PATH,
    help="A TOML file with [tool.analytics_tools.score] (default: the pyproject.toml at or above "
    "the folder of head).",
)
def command(
    base: Path | None,
    head: Path,
    build: Path | None,
    base_data: Path | None,
    head_data: Path | None,
    data_diff_limit: int,
    always: tuple[str, ...],
    fail_on: str,
    format_: str,
    as_json: bool,
    out: Path | None,
    also: tuple[Path, ...],
    project_dir: Path | None,
    config: Path | None,
) -> int:
    """Tell a reviewer what a change means, the verdict first.

    `safe`: nobody sees a difference. `look`: values, rows, columns, tests or the score change, or
    something can't be told. `breaks`: something that worked doesn't, by its SQL or by the run. Then
    what breaks and whom to tell, columns and types, values and why, tests, score, build and data.
    """
    if (base_data is None) != (head_data is None):
        raise UsageError("--base-data and --head-data compare two files; give both, or neither")
    for path in also:
        if path.suffix not in _SUFFIXES:
            raise UsageError(f"{path}: --write knows files that end in .md, .json or .txt")
    folder = _project_folder(head, project_dir)
    review, after = _review(
        (base, head, build), (base_data, head_data), folder, data_diff_limit, always, config
    )
    from analytics_tools.review.verdict import is_met

    met = is_met(review.verdict, fail_on)
    shown = _Shown(review, after, fail_on, met, _prefix(folder))
    answer = shown.as_("json" if as_json else format_, for_file=out is not None)
    for path in also:
        _write_file(path, shown.as_(_SUFFIXES[path.suffix], for_file=True))
    if out is not None:
        _write_file(out, answer)
    else:
        write(answer)
    return 0 if met else 1


class _Shown:
    """A review in the formats asked for."""

    def __init__(self, review: Review, head: State, fail_on: str, met: bool, prefix: str) -> None:
        self._review, self._head = review, head
        self._fail_on, self._met, self._prefix = fail_on, met, prefix

    def as_(self, kind: str, for_file: bool) -> str:
        """Return the review in one format; each is imported when it is used."""
        if kind == "json":
            from analytics_tools.render.review_json import review_json

            return review_json(self._review, self._head.project, self._fail_on, self._met)
        if kind == "github":
            from analytics_tools.render.review_github import review_github

            return review_github(self._review, self._head.project, self._head.code, self._prefix)
        if kind == "markdown":
            from analytics_tools.render.review_markdown import review_markdown

            return review_markdown(self._review)
        from analytics_tools.render.review import review_text
        from analytics_tools.render.style import Style

        return review_text(self._review, Style() if for_file else style())


def _review(
    folders: tuple[Path | None, Path, Path | None],
    files: tuple[Path | None, Path | None],
    folder: Path,
    limit: int,
    always: tuple[str, ...],
    config: Path | None,
) -> tuple[Review, State]:
    from analytics_tools.artifacts import file_in, find_relation, load_project
    from analytics_tools.configuration import read_configuration, section
    from analytics_tools.lineage.cache import cache_beside
    from analytics_tools.review import Limits, review_of
    from analytics_tools.review.warehouse import open_warehouse
    from analytics_tools.score import load_rules, settings_from

    base, head, build = folders
    path = file_in(head, "manifest.json")
    settings = settings_from(section(read_configuration(path.parent, config), "score"))
    rules = load_rules(settings.plugins)
    ran = file_in(build, "manifest.json") if build else None
    after = kept(_state(path, ran))
    before = _state(file_in(base, "manifest.json")) if base else None
    named = frozenset(find_relation(after.project, name).unique_id for name in always)
    with ExitStack() as stack:
        memory = stack.enter_context(cache_beside(path))
        warehouse = None
        if before and files[0] and files[1]:
            built = load_project(ran, warn=warn) if ran else after.project
            sides = before.project, built
            warehouse = stack.enter_context(open_warehouse(files[0], files[1], sides, folder))
        review = review_of(
            before, after, settings, rules,
            warehouse=warehouse, limits=Limits(limit, named), memory=memory,
        )  # fmt: skip
    return review, after


def _state(path: Path, ran: Path | None = None) -> State:
    """Return one side; its run is the one beside the manifest `ran`, which may be another's."""
    from analytics_tools.artifacts import load_project
    from analytics_tools.artifacts.code import read_code
    from analytics_tools.review import State
    from analytics_tools.review.runs import read_run

    results = (ran or path).parent / "run_results.json"
    named = results if ran and results.is_file() else None
    project = load_project(path, run_results=named, warn=warn)
    return State(project, read_code(path), read_run(results, ran))


def _project_folder(head: Path, project_dir: Path | None) -> Path:
    """Return the dbt project's folder: the one named, around head, or below the current folder."""
    here = Path.cwd().resolve()
    start = (head if head.is_dir() else head.parent).resolve()
    around = (one for one in (start, *start.parents) if (one / "dbt_project.yml").is_file())
    below = (one.parent for one in sorted(here.glob("*/dbt_project.yml")))
    at_hand = here if (here / "dbt_project.yml").is_file() else next(below, here)
    return project_dir.resolve() if project_dir else next(around, at_hand)


def _prefix(folder: Path) -> str:
    """Return the dbt project's folder below the current one, with a slash; empty when it is it."""
    here = Path.cwd().resolve()
    if folder == here or here not in folder.parents:
        return ""
    return folder.relative_to(here).as_posix() + "/"


def _write_file(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror})") from None
