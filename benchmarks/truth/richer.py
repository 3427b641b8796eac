"""Richer seeds for a project that brings its own: rows in which an edit is more likely to tell.

A project's seeds are mostly few rows that agree with each other. To each of them come rows put
together anew, column by column: of values it has already, of their neighbours (one more, one less,
the day before, upper case), of the numbers, days and words its SQL compares with, and of nothing.
Most have a key of their own. Where a column holds another seed's key, each of that seed's new rows
is named by one row and no other, so that what happens to a row is seen in every sum above it.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.truth.plans import files

_KEYS = 150  # new ones in each seed
_ROWS = 3  # for each key of another seed that a row may name: once alone, else by chance
# How often a cell is empty, like those of other rows but not the same, and a key not a new one.
_EMPTY, _NEAR, _AGAIN = 0.04, 0.15, 0.04
_WORD = re.compile(r"'([^'\n{}]*)'")
_NUMBER = re.compile(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w.'])")
_NAMES_KEY = ("_id", "_key", "_code")
_DAY, _MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
_NUMERIC = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Promises:
    """What new rows must keep: unique keys, and columns without a gap."""

    unique: bool
    filled: bool


def enrich(folder: Path, promises: Promises) -> None:
    """Write more rows into the seeds of the project in `folder`."""
    words, numbers = _compared(folder)
    tables = {path: _Table(path) for path in files(folder, "*.csv", "seeds")}
    tables = {path: table for path, table in tables.items() if len(table.rows) > 1}
    named = {
        table.name: {name: _named(table, name, tables.values()) for name in table.head}
        for table in tables.values()
    }
    for table in tables.values():
        table.make_new_keys(_KEYS * (_ROWS if any(named[table.name].values()) else 1))
    for path, table in tables.items():
        rng = random.Random(path.name)  # noqa: S311
        others = named[table.name]
        rows = _new_rows(table, others, promises, (words, numbers), rng)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([table.head, *table.rows, *rows])
        path.write_text(out.getvalue())


class _Table:
    """A seed: its columns by name, and the one that holds its key, if any."""

    def __init__(self, path: Path) -> None:
        head, *rows = [row for row in csv.reader(io.StringIO(path.read_text())) if row] or [[]]
        self.name, self.head = path.stem, head
        self.rows = [row for row in rows if len(row) == len(head)]
        self.columns = {name: [row[at] for row in self.rows] for at, name in enumerate(head)}
        self.key = next((name for name in head if self._is_key(name)), None)
        self.new_keys: list[str] = []

    def _is_key(self, name: str) -> bool:
        values = self.columns[name]
        apart = len(set(values)) >= 0.8 * len(values)
        is_named = name.lower() == "id" or name.lower().endswith(_NAMES_KEY)
        return apart and (is_named or name == self.head[0]) and _kind(values) is not _day

    def make_new_keys(self, count: int) -> None:
        """Make keys that no row has yet."""
        if self.key is None:
            return
        known = [value for value in self.columns[self.key] if value]
        if _kind(known) is _whole:
            last = max(map(int, known))
            self.new_keys = [str(last + number) for number in range(1, count + 1)]
        else:
            self.new_keys = [f"{known[n % len(known)]}-{n}" for n in range(1, count + 1)]


def _named(table: _Table, name: str, tables: Iterable[_Table]) -> _Table | None:
    """Return the other seed whose key a column holds: by its name, and by what stands in it."""
    values = {value for value in table.columns[name] if value}
    found = []
    for other in tables:
        if other is table or other.key is None or name == table.key:
            continue
        if name != other.key and not name.lower().endswith(_NAMES_KEY):
            continue
        shared = len(values & set(other.columns[other.key]))
        if shared * 2 > len(values):
            stem = name.lower().rpartition("_")[0]
            found.append((stem in other.name.lower(), shared, other.name, other))
    return max(found)[-1] if found else None


def _new_rows(
    table: _Table,
    others: Mapping[str, _Table | None],
    promises: Promises,
    compared: tuple[Sequence[str], Sequence[Decimal]],
    rng: random.Random,
) -> list[list[str]]:
    pools = {
        name: _pool(values, *compared, apart=name == table.key)
        for name, values in table.columns.items()
    }
    rows = []
    for turn in range(len(table.new_keys) or _KEYS):
        row = []
        for name, values in table.columns.items():
            other = others[name]
            full = promises.filled and "" not in values
            if name == table.key and turn < len(table.new_keys):
                again = not promises.unique and rng.random() < _AGAIN
                value = rng.choice(values) if again else table.new_keys[turn]
            elif not full and rng.random() < _EMPTY:
                value = ""
            elif other is not None and turn < len(other.new_keys):
                value = other.new_keys[turn]
            elif other is not None and other.key is not None:
                value = rng.choice([*other.new_keys, *other.columns[other.key]])
            else:
                value = rng.choice(pools[name][rng.random() < _NEAR])
            row.append(value if value or not full else rng.choice(pools[name][0]))
        rows.append(row)
    return rows


def _pool(
    values: Sequence[str], words: Sequence[str], numbers: Sequence[Decimal], *, apart: bool
) -> tuple[list[str], list[str]]:
    """Return the values a column has, and others like them."""
    known = sorted({value for value in values if value}) or [""]
    kind = _kind(known)
    if kind is None:
        near = [one.upper() for one in known] + [f" {one}" for one in known]
        few = len(known) * 3 <= len(values)
        if apart or any(one[:1] in ("{", "[") for one in known):  # JSON in capitals is none
            near = known
        return known, near + ([w for w in words if w] if few and set(words) & set(known) else [])
    near = [changed for one in known for changed in kind(one)]
    if kind in (_whole, _decimal):
        step = 0 if kind is _whole else max(len(v.partition(".")[2]) for v in known)
        limits = [n for n in numbers if kind is _decimal or n == n.to_integral_value()]
        near += [f"{n + d:.{step}f}" for n in limits for d in (-1, 0, 1)]
    return known, near


Kind = Callable[[str], list[str]]


def _kind(values: Sequence[str]) -> Kind | None:
    """Return how to vary the values of a column, by what all of them look like."""
    filled = [value for value in values if value]
    looks = (
        (re.compile(r"-?\d{1,15}"), _whole), (_NUMERIC, _decimal),
        (_DAY, _day), (_MOMENT, _moment), (re.compile("true|false"), _either),
    )  # fmt: skip
    for look, kind in looks:
        if filled and all(map(look.fullmatch, filled)):
            return kind
    return None


def _whole(value: str) -> list[str]:
    return [str(int(value) + 1), str(int(value) - 1), "0", str(-int(value))]


def _decimal(value: str) -> list[str]:
    number = Decimal(value)
    return [str(number + 1), str(number - 1), f"{0 * number}", str(-number)]


def _day(value: str) -> list[str]:
    day = date.fromisoformat(value)
    return [str(day + timedelta(days=days)) for days in (-1, 1, -40, 9)]


def _moment(value: str) -> list[str]:
    moment = datetime.fromisoformat(value)
    steps = (timedelta(seconds=1), timedelta(seconds=-1), timedelta(days=1), timedelta(days=-40))
    return [str(moment + step) for step in steps] + [f"{moment:%Y-%m-%d} 00:00:00"]


def _either(value: str) -> list[str]:
    return ["false" if value == "true" else "true"]


def _compared(folder: Path) -> tuple[list[str], list[Decimal]]:
    """Return the words and numbers that stand in a project's SQL and variables."""
    text = (
        "\n".join(
            path.read_text()
            for below in ("models", "macros")
            for path in files(folder, "*.sql", below)
        )
        + (folder / "dbt_project.yml").read_text()
    )
    return sorted(set(_WORD.findall(text))), sorted({Decimal(n) for n in _NUMBER.findall(text)})
