"""Runs the tables' queries and writes their files: a first landing, or the nightly runs after it.

A landing folder holds `<source>/<table>/part_<date>.parquet` and `_landing.json`, which says how
the data was made, so that later runs go on from it. Every file is a pure function of seed, scale
and dates.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics_tools.errors import UsageError

if TYPE_CHECKING:
    import duckdb

HISTORY_DAYS = 730
NIGHTS_SINCE_SYNC = 30
RUN_TIME = time(2, 15)
LINES_PER_ORDER = 2.5
PRODUCTS = 200
TABLES_AT_A_TIME = 2
SMALLEST_SCALE, LARGEST_SCALE = 1_000, 100_000_000
ROW_GROUP_SIZE = 122_880
STATE_FILE = "_landing.json"

Report = Callable[[str], None]


@dataclass(frozen=True)
class LandingOptions:
    """What the data is made from: `scale` order lines up to the nightly run of the day `as_of`.

    `tables` are those to land, as source.table; empty means all. A table's data does not depend on
    which others are landed. The lines are spread over `history_days`: half the lines in half the
    days is the same business, observed for half the time.
    """

    as_of: date
    scale: int = 100_000
    seed: int = 42
    tables: tuple[str, ...] = ()
    history_days: int = HISTORY_DAYS


@dataclass(frozen=True)
class TableLanding:
    """One table's newly written file: rows in it, its size in bytes."""

    name: str
    path: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Landing:
    """What a run left in `folder`; `written` is empty where it already held just this landing."""

    folder: str
    seed: int
    scale: int
    as_of: str
    landed_through: str
    tables: tuple[str, ...] = ()
    written: tuple[TableLanding, ...] = ()
    history_days: int = HISTORY_DAYS


def land(
    folder: Path, options: LandingOptions, *, replace: bool = False, report: Report = lambda _: None
) -> Landing:
    """Make the first landing in `folder`, or leave it alone where it is already there.

    Raises UsageError for a scale out of bounds, a folder that holds something else, or, without
    `replace`, a landing made with other options. A failed run leaves `folder` as it was.
    """
    if not SMALLEST_SCALE <= options.scale <= LARGEST_SCALE:
        raise UsageError(
            f"scale {options.scale:,} is out of bounds: "
            f"from {SMALLEST_SCALE:,} to {LARGEST_SCALE:,} order lines"
        )
    wanted = _wanted(folder, options)
    present = read_landing(folder)
    if present is None and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty and holds no {STATE_FILE}: name another folder")
    if present is not None and not replace:
        if all(getattr(present, key) == getattr(wanted, key) for key in _MADE_FROM):
            return present
        raise UsageError(
            f"{folder} already holds a landing (seed {present.seed}, scale {present.scale:,}, "
            f"as of {present.as_of}): --append goes on with it, --replace makes it anew"
        )
    with _beside(folder) as fresh:
        written = _write_tables(fresh, wanted, landed_through=None, report=report)
        _write_state(fresh, wanted)
        if present is not None:
            shutil.rmtree(folder)
        elif folder.is_dir():
            folder.rmdir()
        fresh.rename(folder)
    return replace_fields(wanted, written=written)


def _wanted(folder: Path, options: LandingOptions) -> Landing:
    return Landing(
        str(folder),
        options.seed,
        options.scale,
        as_of=str(options.as_of),
        landed_through=str(options.as_of),
        tables=tuple(sorted(options.tables)),
        history_days=options.history_days,
    )


def append(
    folder: Path, through: date | None = None, *, report: Report = lambda _: None
) -> Landing:
    """Land the nightly runs after the last one, up to the day `through`, as new files.

    `through` None means the one next night. Where it has landed already, nothing is written.
    Raises UsageError where `folder` holds no landing.
    """
    present = read_landing(folder)
    if present is None:
        raise UsageError(f"{folder} holds no landing to go on with: run without --append first")
    last = date.fromisoformat(present.landed_through)
    through = through or last + timedelta(days=1)
    if through <= last:
        return present
    grown = replace_fields(present, landed_through=str(through))
    with _beside(folder) as fresh:
        written = _write_tables(fresh, grown, landed_through=last, report=report)
        for table in written:
            (folder / table.path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / table.path).rename(folder / table.path)
        _write_state(folder, grown)
    return replace_fields(grown, written=written)


def read_landing(folder: Path) -> Landing | None:
    """What `folder` says of itself, None where it says nothing, UsageError where unreadable."""
    state = folder / STATE_FILE
    if not state.is_file():
        return None
    try:
        said = json.loads(state.read_text(encoding="utf-8"))
        values = {key: said[key] for key in _STATE_KEYS}
        return Landing(
            str(folder),
            **values,
            tables=tuple(said.get("tables", ())),
            history_days=said.get("history_days", HISTORY_DAYS),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{state} is not readable ({error}): delete {folder} and land anew"
        ) from error


_STATE_KEYS = ("seed", "scale", "as_of", "landed_through")
_MADE_FROM = ("seed", "scale", "as_of", "tables", "history_days")


def _write_state(folder: Path, landing: Landing) -> None:
    said = {key: getattr(landing, key) for key in _STATE_KEYS}
    if landing.tables:
        said["tables"] = landing.tables
    if landing.history_days != HISTORY_DAYS:
        said["history_days"] = landing.history_days
    text = json.dumps(said, indent=2) + "\n"
    beside = folder / f"{STATE_FILE}.new"
    beside.write_text(text, encoding="utf-8")
    beside.rename(folder / STATE_FILE)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A fresh folder next to `folder`, gone afterwards unless it was renamed into place."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = folder.parent / f".{folder.name}.{uuid4().hex[:8]}"
        fresh.mkdir()
    except OSError as error:
        raise UsageError(f"cannot write beside {folder}: {error.strerror}") from error
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_tables(
    folder: Path, landing: Landing, *, landed_through: date | None, report: Report
) -> tuple[TableLanding, ...]:
    """Write each table's file, two tables at a time: a query that counts up runs on one core."""
    queries = _queries(landing.tables)
    variables = _variables(landing, landed_through)
    connection = _connect(variables)
    sessions = [_session(connection, variables) for _ in queries]

    def write(
        query: resources.abc.Traversable, session: duckdb.DuckDBPyConnection
    ) -> TableLanding | None:
        source, table = query.name.removesuffix(".sql").split("__")
        path = Path(source) / table / f"part_{landing.landed_through}.parquet"
        report(f"{source}.{table}")
        (folder / path).parent.mkdir(parents=True)
        rows = _copy(session, query.read_text(encoding="utf-8"), folder / path)
        if not rows:
            (folder / path).unlink()
            return None
        return TableLanding(f"{source}.{table}", str(path), rows, (folder / path).stat().st_size)

    with ThreadPoolExecutor(max_workers=TABLES_AT_A_TIME) as pool:
        written = list(pool.map(write, queries, sessions))
    return tuple(table for table in written if table)


def _queries(tables: tuple[str, ...]) -> list[resources.abc.Traversable]:
    """The queries of the tables named, of all where none is; UsageError for a name that is none."""
    folder = resources.files(__package__) / "tables"
    found = {q.name.removesuffix(".sql").replace("__", "."): q for q in folder.iterdir()}
    if unknown := sorted(set(tables) - found.keys()):
        raise UsageError(
            f"no such table: {', '.join(unknown)}. There are {', '.join(sorted(found))}"
        )
    return [found[name] for name in sorted(tables or found)]


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    quoted = str(path).replace("'", "''")
    options = f"format parquet, compression zstd, row_group_size {ROW_GROUP_SIZE}"
    (rows,) = connection.execute(f"copy ({query}) to '{quoted}' ({options})").fetchone() or (0,)
    return int(rows)


def _connect(variables: dict[str, object]) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError as error:
        raise UsageError(
            'sample-data writes with DuckDB: pip install "dbt-analytics-tools[duckdb]"'
        ) from error
    connection = duckdb.connect(":memory:")
    _set(connection, variables)  # a macro is checked when it is made, against the variables' types
    connection.execute((resources.files(__package__) / "macros.sql").read_text(encoding="utf-8"))
    return connection


def _session(
    connection: duckdb.DuckDBPyConnection, variables: dict[str, object]
) -> duckdb.DuckDBPyConnection:
    """A session of its own for one thread; macros are the connection's, variables the session's."""
    session = connection.cursor()
    _set(session, variables)
    for name, macro in (("prices", "base_price_cents"), ("repriced", "repriced_at")):
        every_product = f"[{macro}(p) for p in range(1, {PRODUCTS} + 1)]"
        session.execute(f"set variable {name} = {every_product}")
    return session


def _set(session: duckdb.DuckDBPyConnection, variables: dict[str, object]) -> None:
    for name, value in variables.items():
        session.execute(f"set variable {name} = $1", [value])


def _variables(landing: Landing, landed_through: date | None) -> dict[str, object]:
    """What the queries read with getvariable()."""
    as_of = date.fromisoformat(landing.as_of)
    orders = round(landing.scale / LINES_PER_ORDER)
    customers = max(50, orders // 8)
    return {
        "seed": str(landing.seed),
        "history_days": landing.history_days,
        "started_at": datetime.combine(as_of - timedelta(days=landing.history_days), time()),
        "synced_at": datetime.combine(as_of - timedelta(days=NIGHTS_SINCE_SYNC), RUN_TIME),
        "landing_at": datetime.combine(date.fromisoformat(landing.landed_through), RUN_TIME),
        "is_first_landing": landed_through is None,
        "landed_through": datetime.combine(landed_through or date.min, RUN_TIME),
        "orders": orders,
        "customers": customers,
        "accounts": max(10, customers // 4),
        "products": PRODUCTS,
    }
