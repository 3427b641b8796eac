"""`analytics-tools new`: a project of one's own, made from the template."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics_tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics_tools.template import NewProject

# Said here too, so that `--help` need not import the template's engine.
WAREHOUSES = (
    "duckdb", "postgres", "snowflake", "bigquery", "redshift", "databricks", "spark", "trino",
)  # fmt: skip
CI = ("github", "gitlab", "none")


@click.command("new")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="What the dbt project is called: letters, digits, underscores.")
@click.option(
    "--warehouse",
    type=click.Choice(WAREHOUSES),
    help="Where it builds. Default: duckdb, which needs no account.",
)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="With the whole example, which is the default, or one small model of each layer.",
)
@click.option(
    "--ci",
    type=click.Choice(CI),
    help="Whose CI it gets. Default: github.",
)
@click.option(
    "--tools",
    help="How it installs this package: a requirement, a URL, or the path of a wheel or checkout. "
    "Default: from where this one came; a wheel goes along in vendor/.",
)
@click.option(
    "--in-place",
    is_flag=True,
    help="PATH is a checkout of the template, all committed, and becomes the project.",
)
@click.option("--yes", is_flag=True, help="Never ask: take the default of what is not given.")
@click.option("--dry-run", is_flag=True, help="List the files, and write none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; it never asks.")
def command(
    path: Path,
    name: str | None,
    warehouse: str | None,
    demo: bool | None,
    ci: str | None,
    tools: str | None,
    in_place: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a dbt project at PATH, a folder that does not exist yet or is empty.

    On a terminal it asks for what is not given. All files are written, or none.
    """
    from analytics_tools import template

    # Before the first question, that nobody answers them in vain.
    if not in_place:
        template.check_place(path)
    old = template.tracked_files(path) if in_place else None
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    if name is not None:
        template.check_name(name)
    new = template.NewProject(
        name=name if name is not None else _name(path, asks=asks, yes=yes),
        tools="",
        demo=demo if demo is not None else _demo(asks),
        warehouse=warehouse or _choice("Warehouse", WAREHOUSES, asks=asks),
        ci=ci or _choice("CI", CI, asks=asks),
    )
    found = template.find_tools(tools)  # takes a second where a wheel is built: after the questions
    new = replace(new, tools=found.requirement)
    planned = template.plan(template.read_template(), new)
    files: dict[str, str | bytes] = {**planned, **found.files}
    if not dry_run:
        _write(files, path, old)
    if as_json:
        click.echo(_document(new, path, sorted(files), written=not dry_run))
    else:
        click.echo("\n".join(sorted(files)) if dry_run else _said(new, path, len(files)))


def _write(files: Mapping[str, str | bytes], path: Path, old: list[str] | None) -> None:
    from analytics_tools import template

    if old is None:
        template.write(files, path)
    else:
        template.replace(files, path, old)


def _document(new: NewProject, path: Path, files: list[str], *, written: bool) -> str:
    head = {"schema_version": 1, "command": "new", "path": str(path), "written": written}
    return json.dumps({**head, **asdict(new), "files": files}, indent=2)


def _name(path: Path, *, asks: bool, yes: bool) -> str:
    from analytics_tools import template

    likely = template.suggested_name(path.absolute().name)
    if asks:
        return str(click.prompt("Name of the project", default=likely or None, value_proc=_checked))
    if yes and likely:
        return likely
    would = f"; --yes would take {likely}" if likely else ""
    raise UsageError(f"--name is missing: say what the project is called{would}")


def _checked(name: str) -> str:
    from analytics_tools import template

    try:
        return template.check_name(name)
    except UsageError as error:
        raise click.UsageError(str(error)) from None


def _demo(asks: bool) -> bool:
    return click.confirm("With the example, a whole retailer", default=True) if asks else True


def _choice(what: str, choices: tuple[str, ...], *, asks: bool) -> str:
    """What was asked for, or the first."""
    if not asks:
        return choices[0]
    return str(click.prompt(what, type=click.Choice(choices), default=choices[0]))


def _said(new: NewProject, path: Path, count: int) -> str:
    from analytics_tools.template.tools import is_of_this_machine

    lines = [f"Made {new.name} in {path}: {count} files."]
    go = "" if path == Path() else f"cd {path} && "
    lines.append(f"  next   {go}make build")
    if is_of_this_machine(new.tools):
        lines.append("  note   requirements-tools.txt names a path of this machine: no CI has it")
    return "\n".join(lines)
