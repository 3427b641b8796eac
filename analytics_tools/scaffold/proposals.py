"""Tests that the rows suggest, each with what was seen and how sure that makes it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from analytics_tools.scaffold.columns import Staged
from analytics_tools.scaffold.seen import TableSeen

SURE_FROM, LIKELY_FROM = 10_000, 1_000
# A value seen so often, on average, that another is not to be expected every day.
_TIMES_A_VALUE = 10
# Values that can stand in YAML, SQL and Jinja alike.
_TAME = re.compile(r"[\w][\w .&/+-]{0,39}")


class Sureness(enum.StrEnum):
    """How much the rows prove. A guess only warns when it fails, lest it stop a build."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "a guess"


@dataclass(frozen=True)
class Proposal:
    """Something seen in a column, and what is made of it.

    `test` is the generic test that was written, or empty where it was only noted.
    """

    column: str
    test: str
    seen: str
    sureness: Sureness | None = None
    values: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def proposals(table: TableSeen, columns: tuple[Staged, ...]) -> tuple[Proposal, ...]:
    """Return what the rows suggest, column by column in the table's order."""
    order = {seen.name: place for place, seen in enumerate(table.columns)}
    found = []
    for column in sorted(columns, key=lambda one: order[one.seen.name]):
        found += list(_of_column(table, column))
    return (*found, *_pairs(table, columns))


def sureness(rows: int | None) -> Sureness:
    """Return how sure so many rows make."""
    if (rows or 0) >= SURE_FROM:
        return Sureness.SURE
    return Sureness.LIKELY if (rows or 0) >= LIKELY_FROM else Sureness.GUESS


def untested(
    table: TableSeen, columns: tuple[Staged, ...], found: tuple[Proposal, ...]
) -> Iterator[str]:
    """Say of which columns, that could be held to be filled, nothing is tested, and why."""
    told = {name for one in found for name in (one.column, *one.columns)}
    groups = {"ids", "timestamps", "numbers", "booleans"}
    left = [c for c in columns if c.group in groups and c.name not in told and c.role != "deleted"]
    always = [c.name for c in left if c.seen.filled - c.seen.blank == table.rows]
    some = [c.name for c in left if c.name not in always]
    if table.rows and some:
        yield f"no not_null where rows are empty: {', '.join(some)}"
    if table.rows and always:
        rows = f"{table.rows:,} {'row' if table.rows == 1 else 'rows'}"
        yield f"no not_null, always filled in too few rows ({rows}) to say so: {', '.join(always)}"


def _of_column(table: TableSeen, column: Staged) -> Iterator[Proposal]:
    name, seen = column.name, column.seen
    if column.is_personal:
        share = f"{seen.addresses:,} of {seen.filled:,} look like e-mail addresses"
        by_value = seen.addresses * 2 > seen.filled > 0
        yield Proposal(
            name, "", f"personal data {'by value: ' + share if by_value else 'by its name'}"
        )
    if not table.rows:
        if column.role == "key":
            yield Proposal(name, "unique", "the key by its name, no rows seen", Sureness.GUESS)
            yield Proposal(name, "not_null", "the key by its name, no rows seen", Sureness.GUESS)
        return
    sure = sureness(table.rows)
    if column.role == "key":
        yield _unique(table, column, sure)
    if _is_filled(table, column, sure):
        yield Proposal(name, "not_null", f"filled in {table.extent}", sure)
    elif seen.filled == 0:
        yield Proposal(name, "", f"empty in {table.extent}")
    elif column.role == "key":
        missing = table.rows - seen.filled
        yield Proposal(
            name, "", f"missing in {missing:,} of {table.rows:,} rows, so not_null waits"
        )
    yield from _few_values(table, column, sure)


def _unique(table: TableSeen, column: Staged, sure: Sureness) -> Proposal:
    seen = column.seen
    if seen.distinct == seen.filled:
        return Proposal(column.name, "unique", f"unique in {table.extent}", sure)
    repeats = seen.filled - seen.distinct
    return Proposal(
        column.name,
        "",
        f"repeats {repeats:,} times in {table.extent}: a row may be a version of one",
    )


def _is_filled(table: TableSeen, column: Staged, sure: Sureness) -> bool:
    """Whether not_null is worth a test: what is joined on, dated or counted by; text is not.

    Few rows say that of keys and times alone.
    """
    if column.seen.filled - column.seen.blank != table.rows or column.role == "deleted":
        return False
    groups = {"ids", "timestamps"} | ({"numbers", "booleans"} if sure != Sureness.GUESS else set())
    return column.group in groups


def _few_values(table: TableSeen, column: Staged, sure: Sureness) -> Iterator[Proposal]:
    values = column.seen.values
    if len(values) < 2 or column.group != "strings" or column.is_personal:
        return
    said = f"{len(values)} values in {table.extent}"
    if column.seen.filled < _TIMES_A_VALUE * len(values):
        yield Proposal(column.name, "", f"{said}, too few rows to say that there are no others")
    elif not all(_TAME.fullmatch(value) for value in values):
        yield Proposal(column.name, "", f"{said}, with letters that a test can't safely hold")
    else:
        yield Proposal(column.name, "accepted_values", said, sure, values=values)


def _pairs(table: TableSeen, columns: tuple[Staged, ...]) -> Iterator[Proposal]:
    staged = {column.seen.name: column.name for column in columns}
    for one, two in table.pairs:
        if one in staged and two in staged:
            pair = (staged[one], staged[two])
            yield Proposal(
                pair[0],
                "unique_combination_of_columns",
                f"together with {pair[1]} unique in {table.extent}",
                sureness(table.rows),
                columns=pair,
            )
