"""`analytics-tools sample-data`: land the fictional retailer's raw files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from analytics_tools.sample_data import Landing


@click.command("sample-data")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/raw"),
    show_default=True,
    help="Folder to land in.",
)
@click.option(
    "--scale",
    type=int,
    default=100_000,
    show_default=True,
    help="Order lines: 1,000 to 100,000,000.",
)
@click.option("--seed", type=int, default=42, show_default=True, help="Other seed, other data.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the newest nightly run. Default: today (UTC); with --append, the next day.",
)
@click.option("--table", "tables", multiple=True, help="Land this source.table alone; repeatable.")
@click.option("--append", is_flag=True, help="Land only the nightly runs since, as new files.")
@click.option("--replace", is_flag=True, help="Make a landing with other options anew.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    out: Path,
    scale: int,
    seed: int,
    as_of: datetime | None,
    tables: tuple[str, ...],
    append: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Land a deterministic raw data set: customers, orders, order lines, products, stores.

    Same seed, scale and date give byte-identical files. The data is dirty on purpose: duplicate and
    late deliveries, soft deletes, padded text, malformed e-mails, rows that break the contract.
    """
    from analytics_tools import sample_data

    def report(table: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"landing {table} ...", err=True)

    day: date | None = as_of.date() if as_of else None
    if append:
        landing = sample_data.append(out, day, report=report)
    else:
        options = sample_data.LandingOptions(day or datetime.now(UTC).date(), scale, seed, tables)
        landing = sample_data.land(out, options, replace=replace, report=report)
    click.echo(json.dumps({"schema_version": 1, **asdict(landing)}) if as_json else _text(landing))


def _text(landing: Landing) -> str:
    if not landing.written:
        return f"{landing.folder} holds the data as of {landing.landed_through}; nothing to land."
    rows = [f"  {t.name:<20} {t.rows:>12,} rows {t.bytes / 1e6:>9,.1f} MB" for t in landing.written]
    return "\n".join([f"Landed in {landing.folder}, as of {landing.landed_through}:", *rows])
