"""Which columns a model's tests and constraints prove unique and filled."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from analytics_tools.artifacts.nodes import Constraint, Model, Record, Test

# Tests that prove uniqueness are known by name, so that a project's own ones count too:
# unique, unique_where, unique_combination_of_columns, expect_compound_columns_to_be_unique,
# primary_key, assert_unique_key.
_UNIQUE_TEST = re.compile(r"(?:^|_)(?:unique|uniqueness|primary_key|grain)(?:_|$)")
_NOT_UNIQUE_TEST = re.compile(
    r"not_unique|non_unique|unique_value_count|unique_values?_(?:to|count)"
)
_FILLED_TESTS = {
    "not_null",
    "not_null_where",
    "expect_column_values_to_not_be_null",
    "primary_key",
}
# dbt's own tests, which look at the column they stand on.
_ONE_COLUMN = {"unique", "not_null", "relationships", "accepted_values"}
_STOPS = (None, "ERROR", "error", "")
# Engines that refuse a duplicate; on the others a key constraint is a hint to the optimizer.
_ENFORCES_KEYS = {"duckdb", "postgres", "sqlserver", "fabric", "mysql", "sqlite", "oracle"}


class Key(Record, frozen=True):
    """A set of columns that something proves, or only declares, to be unique."""

    columns: tuple[str, ...]
    proof: str
    is_enforced: bool = True


class KeyFacts(Record, frozen=True):
    """What is known of a model's keys. Column names are folded to lower case.

    `is_soft` says whether a test of a key only warns, or looks at some rows only.
    """

    keys: tuple[Key, ...] = ()
    filled: frozenset[str] = frozenset()
    is_soft: bool = False

    @property
    def proven(self) -> Key | None:
        """A key that is unique and filled: the primary key, the narrowest if there are several."""
        proven = [k for k in self.keys if k.is_enforced and self._is_filled(k)]
        if len(proven) < 2:
            return proven[0] if proven else None
        return min(proven, key=lambda key: (len(key.columns), key.columns))

    def _is_filled(self, key: Key) -> bool:
        # Of a combination, single columns may be null and the combination still tells rows apart.
        return len(key.columns) != 1 or key.columns[0] in self.filled


_NO_KEYS = KeyFacts()
_NEITHER = (False, False)


@functools.lru_cache(maxsize=65_536)  # the same few names stand in many models
def folded(name: str) -> str:
    """Return a column name without quotes and in lower case."""
    return name.strip().strip('"`[]').lower()


def key_facts(model: Model, tests: Iterable[Test], adapter: str) -> KeyFacts:
    """Collect what `tests` and the model's constraints say about keys."""
    keys: dict[tuple[tuple[str, ...], str], bool] = {}  # whether something enforces it
    filled: set[str] = set()
    is_soft = False
    for test in tests:
        fills, is_unique = _proves(test.test_metadata.name) if test.test_metadata else _NEITHER
        if fills or is_unique:
            columns = tested_columns(test)
            if fills:
                filled.update(columns)
            if is_unique:
                keys[columns, f"test {test.type_name}"] = True
                is_soft = is_soft or only_warns(test) or bool(test.config.where)
    if model.has_contract:
        for kind, columns in constraints_on(model):
            if kind in ("primary_key", "not_null"):
                filled.update(columns)
            if kind in ("primary_key", "unique"):
                keys[columns, f"{kind} constraint"] = adapter in _ENFORCES_KEYS
    if not keys and not filled:
        return _NO_KEYS
    in_order = tuple(Key(*one, keys[one]) for one in sorted(keys))
    return KeyFacts(keys=in_order, filled=frozenset(filled), is_soft=is_soft)


def only_warns(test: Test) -> bool:
    """Whether a failure of the test doesn't stop a build."""
    severity = test.config.severity
    return severity not in _STOPS and severity.lower() == "warn"


def proves_uniqueness(test: Test) -> bool:
    """Whether the test fails when rows share what it looks at."""
    return test.test_metadata is not None and _proves(test.test_metadata.name)[1]


@functools.lru_cache(maxsize=1024)
def _proves(name: str) -> tuple[bool, bool]:
    """Whether a generic test of that name fails on null, and whether it does on duplicates."""
    name = name.lower()
    is_unique = _UNIQUE_TEST.search(name) and not _NOT_UNIQUE_TEST.search(name)
    return name in _FILLED_TESTS, bool(is_unique)


def tested_columns(test: Test) -> tuple[str, ...]:
    """Return the columns a generic test looks at: its column, or those of a list it was given."""
    if test.column_name and test.test_metadata and test.test_metadata.name in _ONE_COLUMN:
        return (folded(test.column_name),)
    arguments = test.arguments
    lists = [value for name, value in sorted(arguments.items()) if "column" in name]
    names = [folded(item) for value in lists for item in _names(value)]
    if not names and test.column_name:
        names = [folded(test.column_name)]
    return tuple(dict.fromkeys(names))


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def constraints_on(model: Model) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Return the constraints on a model and its columns: their kind, and of which columns."""
    for constraint in model.constraints or ():
        yield _kind(constraint), tuple(folded(name) for name in constraint.columns or ())
    for column in model.columns.values():
        for constraint in column.constraints or ():
            yield _kind(constraint), (folded(column.name),)


def _kind(constraint: Constraint) -> str:
    return constraint.type.lower()
