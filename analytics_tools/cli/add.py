"""`analytics-tools add`: a source, model, metric, snapshot or exposure for the project at hand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from analytics_tools.scaffold import Added, House

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True)
class _Call:
    """What every kind is asked in the same way."""

    project_dir: Path | None
    manifest: Path | None
    dry_run: bool
    as_json: bool

    def add(self, plan: Callable[[House], Added]) -> None:
        """Plan, write and say it."""
        from analytics_tools.cli.common import write
        from analytics_tools.render.scaffold import added_json, added_text
        from analytics_tools.scaffold import open_house, write_all

        house = open_house(self.project_dir, self.manifest)
        added = plan(house)
        if not self.dry_run:
            write_all(house.root, added.changes)
        said = added_json if self.as_json else added_text
        write(said(added, written=not self.dry_run))


def _common(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that all kinds have; the function gets them as one `call`."""

    @click.option(
        "--project-dir",
        type=_PATH,
        help="Folder of dbt_project.yml (default: the current one, one above, or analytics/).",
    )
    @click.option("--manifest", type=_PATH, help="manifest.json (default: the project's target/).")
    @click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @functools.wraps(function)
    def wrapped(
        project_dir: Path | None, manifest: Path | None, dry_run: bool, as_json: bool, **rest: Any
    ) -> None:
        function(_Call(project_dir, manifest, dry_run, as_json), **rest)

    return wrapped


def _filled(words: dict[str, Any]) -> dict[str, Any]:
    """Words that were not given are empty."""
    return {key: "" if value is None else value for key, value in words.items()}


@click.group("add")
def command() -> None:
    """Add to a dbt project: SQL and YAML in its own style, with tests and a unit test.

    Folders, prefixes, groups and contracts follow what the project's manifest, dbt_project.yml and
    [tool.analytics_tools] show. Nothing is overwritten; all files are written, or none.
    """


@command.command("source")
@click.argument("name", metavar="SOURCE.TABLE")
@click.option(
    "--from",
    "files",
    metavar="FILES",
    help="Its rows: a Parquet, CSV or JSON file, a folder, or a pattern in quotes. Default: where "
    "the source says its files are, else the columns in the catalog.",
)
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Look at no more rows than these.",
)
@_common
def source(call: _Call, name: str, files: str | None, rows: int) -> None:
    """Declare a raw table, and stage it: types, clean text, and the tests that its rows suggest.

    Says of each test what was seen, and how sure that makes it: sure from 10,000 rows on, likely
    from 1,000; below it is a guess, which only warns when it fails.
    """

    def plan(house: House) -> Added:
        from analytics_tools.scaffold.source import plan_source, wanted_source

        return plan_source(house, wanted_source(name, files or "", rows))

    call.add(plan)


@command.command("model")
@click.argument("name")
@click.option(
    "--from",
    "parents",
    multiple=True,
    metavar="MODEL",
    help="What it reads. Repeatable: others are joined by their key.",
)
@click.option(
    "--layer",
    type=click.Choice(["intermediate", "marts"]),
    help="Default: the layer that the name's prefix stands for.",
)
@click.option("--folder", default="", help="Folder inside of the layer's, such as core.")
@click.option(
    "--key",
    default="",
    metavar="COLUMN",
    help="What is unique in it. Where it repeats in what is read, the newest version is kept.",
)
@click.option("--group", default="", help="Group of the model, where its folder gives none.")
@click.option("--description", default="", help="What one row is, and what it is for.")
@_common
def model(call: _Call, **words: Any) -> None:
    """Write a model that reads others, with their columns, descriptions and promises.

    Types come from the catalog: a mart with a contract needs that of what it reads.
    """

    def plan(house: House) -> Added:
        from analytics_tools.scaffold.model import WantedModel, plan_model

        return plan_model(house, WantedModel(**_filled(words)))

    call.add(plan)


@command.command("metric")
@click.argument("name")
@click.option("--model", default="", help="A simple metric: the model it is measured on.")
@click.option(
    "--agg",
    type=click.Choice(
        ["sum", "count", "count_distinct", "average", "min", "max", "median", "sum_boolean"]
    ),
    help="How it is measured.",
)
@click.option("--expr", default="", help="What: a column or SQL; of a derived metric, the formula.")
@click.option("--time", default="", metavar="COLUMN", help="The column that dates a row.")
@click.option(
    "--filter",
    "filter_",
    default="",
    help="Only these rows: \"{{ Dimension('order__is_sold') }}\", the column is_sold of the entity "
    "order. Of a simple metric, the column becomes a dimension where it is none.",
)
@click.option("--numerator", default="", metavar="METRIC", help="A ratio: what is divided ...")
@click.option("--denominator", default="", metavar="METRIC", help="... and by what.")
@click.option(
    "--metric", "metrics", multiple=True, help="A derived metric: one that --expr uses. Repeatable."
)
@click.option("--cumulative", default="", metavar="METRIC", help="A cumulative metric: of which.")
@click.option("--window", default="", help="Of the last days: '28 days'.")
@click.option(
    "--grain-to-date",
    type=click.Choice(["week", "month", "quarter", "year"]),
    help="From the beginning of the week, month, quarter or year.",
)
@click.option("--label", default="", help="What people read. Default: the name as words.")
@click.option("--description", default="", help="What is in, what is out, what misleads.")
@click.option("--owner", default="", help="An e-mail address. Default: of the model's group.")
@_common
def metric(call: _Call, filter_: str, **words: Any) -> None:
    """Write a metric in the semantic spec of dbt 1.12.

    A simple one stands in the YAML of its model, which becomes a semantic model where it is none;
    ratio, derived and cumulative ones stand at top level.
    """

    def plan(house: House) -> Added:
        from analytics_tools.scaffold.metric import WantedMetric, plan_metric

        return plan_metric(house, WantedMetric(filter=filter_, **_filled(words)))

    call.add(plan)


@command.command("snapshot")
@click.argument("name")
@click.option("--from", "parent", required=True, metavar="MODEL", help="What is tracked.")
@click.option("--key", default="", metavar="COLUMN", help="Default: the one tested unique.")
@click.option(
    "--strategy",
    type=click.Choice(["check", "timestamp"]),
    help="Default: timestamp where there is an updated_at, else check.",
)
@click.option(
    "--column", "columns", multiple=True, help="A change of it makes a version. Repeatable."
)
@click.option("--personal", is_flag=True, help="Also where columns are marked as personal data.")
@click.option("--description", default="", help="What it keeps, and what for.")
@_common
def snapshot(call: _Call, **words: Any) -> None:
    """Write a snapshot: the history of a model from now on, as one YAML file."""

    def plan(house: House) -> Added:
        from analytics_tools.scaffold.snapshot import WantedSnapshot, plan_snapshot

        return plan_snapshot(house, WantedSnapshot(**_filled(words)))

    call.add(plan)


@command.command("exposure")
@click.argument("name")
@click.option(
    "--depends-on",
    multiple=True,
    metavar="MODEL",
    help="What it reads: a model, or metric:NAME. Repeatable.",
)
@click.option(
    "--type",
    default="dashboard",
    show_default=True,
    type=click.Choice(["dashboard", "notebook", "analysis", "ml", "application"]),
    help="What it is.",
)
@click.option(
    "--maturity",
    default="medium",
    show_default=True,
    type=click.Choice(["high", "medium", "low"]),
    help="How much people rely on it.",
)
@click.option("--owner", default="", help="'Name <mail>'. Default: the owner of the models' group.")
@click.option("--label", default="", help="What people read. Default: the name as words.")
@click.option("--description", default="", help="Who reads it, and what for.")
@click.option("--url", default="", help="Where it is.")
@_common
def exposure(call: _Call, **words: Any) -> None:
    """Write an exposure: who reads which models and metrics outside of dbt."""

    def plan(house: House) -> Added:
        from analytics_tools.scaffold.exposure import WantedExposure, plan_exposure

        return plan_exposure(house, WantedExposure(**words))

    call.add(plan)
