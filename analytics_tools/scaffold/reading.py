# ruff: noqa: S608 - names are quoted, and paths have no quotes
"""Rows of raw files, looked at with DuckDB: the very scan that dbt-duckdb will make of them."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.seen import ColumnSeen, TableSeen
from analytics_tools.sql.dialect import delimited
from analytics_tools.sql.type_names import parse

if TYPE_CHECKING:
    import duckdb

ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".json", ".json.gz", ".ndjson", ".jsonl")
MOST_VALUES = 10
_MOST_PAIRS = 8
_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# A pair with a key tells versions, lines or days of it apart.
_SECOND = {"int", "uint", "date", "timestamp", "timestamptz", "decimal", "text"}


def pattern_of(named: str) -> tuple[str, int]:
    """Return the pattern that reads the files meant by a file, folder or pattern, and their number.

    Raises UsageError where there are none, or none that can be read.
    """
    path = Path(named)
    if path.is_dir():
        endings = {ending for file in path.iterdir() if (ending := _ending(file.name))}
        if len(endings) != 1:
            found = f"files of several kinds ({', '.join(sorted(endings))})" if endings else "none"
            raise UsageError(
                f"{named}: needs files of one kind, Parquet, CSV or JSON, and has {found}; name "
                "them with a pattern, such as 'folder/*.csv'"
            )
        named = f"{path}/*{endings.pop()}"
    elif path.is_file() and _ending(path.name) is None:
        raise UsageError(f"{named}: is neither Parquet, CSV nor JSON by its ending")
    if set(named) & set("{}'\"\\") or not named.isprintable():
        raise UsageError(
            f"{named}: dbt-duckdb can't read a path with quotes or braces; move the files"
        )
    files = glob.glob(named, recursive=True)  # noqa: PTH207 - a pattern with its own root
    if not files:
        raise UsageError(f"{named}: there is no such file")
    if any(_ending(file) is None for file in files):
        raise UsageError(
            f"{named}: has files that are neither Parquet, CSV nor JSON by their ending"
        )
    return named, len(files)


def read_files(pattern: str, files: int, limit: int) -> TableSeen:
    """Look at up to `limit` rows of the files. Raises UsageError where they can't be read."""
    duckdb = _duckdb()
    connection = duckdb.connect(config={"threads": 2})
    try:
        connection.execute(f"create temp table seen as from '{pattern}' limit {limit}")
        return _looked_at(connection, pattern, files, limit)
    except duckdb.Error as error:
        first = str(error).strip().split("\n")[0]
        raise UsageError(f"{pattern}: can't be read: {first}") from None
    finally:
        connection.close()


def _looked_at(
    connection: duckdb.DuckDBPyConnection, pattern: str, files: int, limit: int
) -> TableSeen:
    rows = _one(connection, "select count(*) from seen")[0]
    described = connection.execute("describe seen").fetchall()
    columns = [ColumnSeen(name, kind) for name, kind, *_ in described]
    if rows:
        columns = [_counted(connection, column) for column in columns]
    more = f"select count(*) from (from '{pattern}' limit {limit + 1})"
    return TableSeen(
        columns=tuple(columns),
        rows=rows,
        is_all=rows < limit or _one(connection, more)[0] == rows,
        files=files,
        location=pattern,
        pairs=tuple(_pairs(connection, columns, rows)),
    )


def _counted(connection: duckdb.DuckDBPyConnection, column: ColumnSeen) -> ColumnSeen:
    """Return the column with its counts."""
    name, family = delimited(column.name), parse(column.type, "duckdb").family
    filled, distinct = _one(connection, f"select count({name}), count(distinct {name}) from seen")
    column = replace(column, filled=filled, distinct=distinct)
    if family == "text":
        padded, blank, trimmed, folded, addresses = _one(
            connection,
            f"""select count(*) filter ({name} <> trim({name})),
                count(*) filter (trim({name}) = ''),
                count(distinct nullif(trim({name}), '')),
                count(distinct nullif(lower(trim({name})), '')),
                count(*) filter (regexp_matches(trim({name}), '{_ADDRESS}')) from seen""",
        )
        column = replace(
            column, padded=padded, blank=blank, distinct_trimmed=trimmed,
            distinct_folded=folded, addresses=addresses,
        )  # fmt: skip
        return replace(column, values=tuple(_values(connection, column)))
    if family in ("date", "timestamp", "timestamptz"):
        days, gap, newest = _one(
            connection,
            f"""select count(*), coalesce(max(gap), 0), coalesce(max(day)::varchar, '') from (
                select day, day - lag(day) over (order by day) as gap
                from (select distinct cast({name} as date) as day from seen) where day is not null
            )""",
        )
        return replace(column, days=days, longest_gap=gap, newest=newest)
    return column


def _values(connection: duckdb.DuckDBPyConnection, column: ColumnSeen) -> Iterator[str]:
    """The few values of a column as staging will have them; none where there are many."""
    if not 0 < column.distinct_folded <= MOST_VALUES:
        return
    name = f"trim({delimited(column.name)})"
    name = f"lower({name})" if column.distinct_folded < column.distinct_trimmed else name
    query = f"select distinct nullif({name}, '') as value from seen where value is not null"
    for (value,) in connection.execute(f"{query} order by value").fetchall():
        yield value


def _pairs(
    connection: duckdb.DuckDBPyConnection, columns: list[ColumnSeen], rows: int
) -> Iterator[tuple[str, str]]:
    """The pairs of an id and another column that no two rows share, where no id is so alone."""
    ids = [c for c in columns if re.search(r"(^|[_a-z])(id|key|ID|Id)$", c.name)]
    full = [c for c in columns if c.filled == rows > 0]
    if any(c.distinct == rows for c in ids):
        return
    others = [c for c in full if parse(c.type, "duckdb").family in _SECOND]
    tried = [(one, two) for one in ids if one in full for two in others if two is not one]
    for one, two in tried[:_MOST_PAIRS]:
        names = f"{delimited(one.name)}, {delimited(two.name)}"
        query = f"select count(*) from (select distinct {names} from seen)"
        if _one(connection, query)[0] == rows:
            yield one.name, two.name
            return


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    return row if row is not None else ()


def _ending(name: str) -> str | None:
    return next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "reading files needs DuckDB: pip install 'dbt-analytics-tools[duckdb]'"
        ) from None
    return duckdb
