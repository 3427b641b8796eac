"""The comparison itself: it finds what differs, and nothing where all is equal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.engines.comparing import Table, differences

THINGS = Table("main", "things")
ROWS = "(1, 1.10, 'a', null), (2, 2.20, '', timestamp '2026-01-01 00:00:00.5'), (2, 2.20, '', timestamp '2026-01-01 00:00:00.5')"


@dataclass(frozen=True)
class Written:
    """An engine that holds what a test says."""

    names: str
    values: str

    def columns(self, _: Table) -> list[str]:
        return self.names.split(", ")

    def rows(self, _: Table, types: dict[str, str]) -> str:
        assert list(types) == self.columns(THINGS)
        return f"(values {self.values}) as v ({self.names})"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ours") / "ours.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table things (id integer, amount decimal(18, 2), word varchar, happened timestamp)"
        )
        connection.execute(f"insert into things values {ROWS}")
    return file


def test_the_same_rows_in_another_order_and_of_other_types_are_equal(ours: Path) -> None:
    first, *others = ROWS.replace("1.10", "1.1").replace("2.20", "2.2").split("), (", 1)
    turned = f"({others[0]}, {first})"
    assert turned != ROWS
    assert differences(ours, Written("id, amount, word, happened", turned), [THINGS]) == []


@pytest.mark.parametrize(
    ("was", "becomes", "unlike"),
    [
        ("1.10", "1.11", "unlike in amount"),
        ("'a'", "'A'", "unlike in word"),
        ("'a'", "null", "unlike in word"),
        ("'a', null", "'a', timestamp '2026-01-01'", "unlike in happened"),
        ("00.5'), (2", "00.500001'), (2", "unlike in happened"),
        ("(1, 1.10, 'a', null), ", "", "3 rows here, 2 there"),
        ("(1, 1.10, 'a', null), ", "(1, 1.10, 'a', null), " * 2, "3 rows here, 4 there"),
    ],
)
def test_what_differs_is_named(ours: Path, was: str, becomes: str, unlike: str) -> None:
    assert was in ROWS
    theirs = Written("id, amount, word, happened", ROWS.replace(was, becomes, 1))
    found = differences(ours, theirs, [THINGS])
    assert found[0].startswith("main.things: 3 rows here")
    assert unlike in found[0]
    assert any(line.strip().startswith("only ") for line in found[1:])


def test_other_columns_are_told_before_rows(ours: Path) -> None:
    (found,) = differences(ours, Written("id, word, amount, happened", ""), [THINGS])
    assert "columns ['id', 'amount', 'word', 'happened'] here" in found
