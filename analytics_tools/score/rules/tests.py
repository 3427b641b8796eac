"""Would somebody notice if the model went wrong?"""

from __future__ import annotations

import functools
import re

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import key_columns
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.keys import Key, folded, tested_columns
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.names import entity_of
from analytics_tools.score.registry import rule
from analytics_tools.sql.text import count_branches, literal_cases
from analytics_tools.words import counted, listed

_KEY_ENDINGS = ("_id", "_key", "_sk", "_fk")
_QUOTES = '"`] '
_FOREIGN_KEY = re.compile(r"^(\w+)_(?:id|key|sk|fk)$")
# Tests that hold a column to a list of values.
_LIST_TESTS = re.compile(r"accepted_values|in_set|in_list|in_type_list|relationship|foreign_key")


@rule("TST001", Area.TESTS, 25, among=among.without_proven_key)
def primary_key_is_tested(model: Model, facts: Facts) -> Finding | None:
    """The primary key is tested: unique and not null.

    What proves it: `unique` and `not_null` on one column, a test of a combination of columns, or an
    enforced constraint on an engine that holds to it. Unique alone, or a constraint the engine
    only notes down, costs 10 points instead of 25. Steps (ephemeral models, views that only staging
    models read) are tested where they lead to.

    Bad:
        - name: order_id
    Good:
        - name: order_id
          data_tests: [unique, not_null]
    Fix: add unique and not_null to the key, or unique_combination_of_columns for several columns.
    """
    keys = facts.keys_of(model)
    if facts.is_step(model):
        return None
    if keys.keys:
        return _half_proven(keys.keys, facts.project.adapter)
    wanted = key_columns(model.config.unique_key)
    if wanted:
        names = ", ".join(wanted)
        return Finding(
            points=25,
            message=f"no test proves the unique_key ({names})",
            fix=f"test {names}: unique and not_null, or unique_combination_of_columns",
            columns=wanted,
        )
    return Finding(
        points=25,
        message="no test proves what makes a row unique",
        fix="add unique and not_null to the key, or unique_combination_of_columns for several",
    )


def _half_proven(keys: tuple[Key, ...], adapter: str) -> Finding:
    """Say what the key that is nearest to being proven lacks."""
    key = min(keys, key=lambda key: (not key.is_enforced, len(key.columns), key.columns))
    name = ", ".join(key.columns)
    if key.is_enforced:
        message, fix = f"{name} is tested unique, but not not_null", f"add not_null to {name}"
    else:
        message = f"{name} has a {key.proof}, which {adapter} does not enforce"
        fix = f"test {name} as well: unique and not_null"
    return Finding(points=10, message=message, fix=fix, columns=key.columns)


@rule("TST002", Area.TESTS, 15, among=among.untested)
def has_some_test(model: Model, facts: Facts) -> Finding | None:
    """Something is tested at all.

    Costs 15 points, besides those for the key, when there is neither a data test nor a unit test.

    Bad:
        models: [{name: fct_orders}]
    Good:
        models: [{name: fct_orders, columns: [{name: order_id, data_tests: [unique, not_null]}]}]
    Fix: begin with the key, then the columns that readers filter and join by.
    """
    if facts.is_step(model) or facts.keys_of(model).proven:
        return None
    return Finding(
        points=15,
        message="there is no test of any kind on the model",
        fix="begin with the key, then the columns that readers filter and join by",
    )


@rule("TST003", Area.TESTS, 6, layers=(Layer.MARTS,))
def foreign_keys_are_tested(model: Model, facts: Facts) -> Finding | None:
    """Foreign keys of a mart have a relationships test.

    `customer_id` counts as foreign key when another model holds one row for each customer: named
    after the entity, with a tested key `customer_id` or `id`. Costs 2 points for each unchecked.

    Bad:
        - name: customer_id
    Good:
        - name: customer_id
          data_tests:
            - relationships: {arguments: {to: ref('dim_customer'), field: customer_id}}
    Fix: add a relationships test, so that rows pointing nowhere are noticed.
    """
    loose = _unchecked_keys(model, facts)
    if not loose:
        return None
    pairs = [f"{name} → {facts.project.models[home].label}" for name, home in loose]
    return Finding(
        points=2 * len(loose),
        message=f"{counted(len(loose), 'foreign key')} without relationships test: {listed(pairs)}",
        fix="add a relationships test, so that rows pointing nowhere are noticed",
        columns=tuple(name for name, _ in loose),
        nodes=tuple(sorted({home for _, home in loose})),
    )


@functools.lru_cache(maxsize=65_536)  # the same few names stand in many models
def _is_named_key(name: str) -> bool:
    return name.lower().rstrip(_QUOTES).endswith(_KEY_ENDINGS)


def _unchecked_keys(model: Model, facts: Facts) -> list[tuple[str, str]]:
    """Return the foreign keys that nothing checks, each with the model it should point to."""
    own = {key.columns[0] for key in facts.keys_of(model).keys if len(key.columns) == 1}
    names = facts.column_names(model)
    named = [name for name in names if _is_named_key(name)]
    if own.issuperset(named):
        return []
    checked = _referring_columns(model, facts) | own
    loose: list[tuple[str, str]] = []
    for name in named:
        column = folded(name)
        match = _FOREIGN_KEY.match(column)
        entity = entity_of(match.group(1).removeprefix("dim_")) if match else ""
        home, key = facts.homes.get(entity, ("", ""))
        if home in ("", model.unique_id) or column in checked:
            continue
        if key in (column, "id"):
            loose.append((name, home))
    return loose


def _referring_columns(model: Model, facts: Facts) -> frozenset[str]:
    """Return the columns whose references something checks."""
    checked: set[str] = set()
    for test in facts.tests_of(model):
        name = test.test_metadata.name if test.test_metadata else ""
        if "relationship" in name or "foreign_key" in name:
            checked.update(tested_columns(test))
    for column in facts.annotated(model):
        if any(c.type.lower() == "foreign_key" for c in column.constraints or ()):
            checked.add(folded(column.name))
    for constraint in model.constraints or ():
        if constraint.type.lower() == "foreign_key":
            checked.update(folded(name) for name in constraint.columns or ())
    return frozenset(checked)


@rule("TST004", Area.TESTS, 5)
def branching_logic_has_unit_test(model: Model, facts: Facts) -> Finding | None:
    """Logic that branches has a unit test.

    Three or more branches (WHEN, ELSE, IFF, IF) decide values nobody can check by looking at the
    data. A lone WHEN without ELSE is a filter and doesn't count. Silent for dbt before 1.8, which
    has no unit tests, and for Python models.

    Bad:
        case when amount < 0 then 'refund' when amount = 0 then 'free' else 'sale' end
    Good:
        unit_tests:
          - name: each_kind_of_amount
            model: fct_orders   # given a negative, a zero, a positive and a null amount
    Fix: add a unit test with a row for each branch, the null case included.
    """
    if not facts.has_unit_tests or model.language not in (None, "sql"):
        return None
    if facts.project.unit_tests_by_model.get(model.unique_id):
        return None
    least = facts.limits["branches"]
    branches = count_branches(model.code, least)
    if branches < least:
        return None
    return Finding(
        points=5,
        message=f"{branches} branches decide values, and no unit test shows what they should give",
        fix="add a unit test with a row for each branch, the null case included",
    )


@rule("TST005", Area.TESTS, 4, layers=(Layer.MARTS,))
def fixed_words_are_tested(model: Model, facts: Facts) -> Finding | None:
    """A column of a mart that CASE makes of fixed words has an accepted_values test.

    Readers filter by these words. A test notices the case nobody thought of, which ELSE or NULL
    swallows. A unit test of the model shows the words as well, and a column of booleans or numbers
    is not meant. Costs 2 points for each.

    Bad:
        case when value > 1000 then 'gold' when value > 100 then 'silver' end as tier
    Good:
        - name: tier
          data_tests:
            - accepted_values: {arguments: {values: [gold, silver]}}
    Fix: list the words in an accepted_values test; add not_null if every row must have one.
    """
    if model.language not in (None, "sql"):
        return None
    cases = literal_cases(model.code)
    if not cases or facts.project.unit_tests_by_model.get(model.unique_id):
        return None
    held: set[str] = set()
    for test in facts.tests_of(model):
        if test.test_metadata and _LIST_TESTS.search(test.test_metadata.name):
            held.update(tested_columns(test))
    names = {folded(name): name for name in facts.column_names(model)}
    loose = {c.name: c for c in cases if c.name in names and c.name not in held}
    if not loose:
        return None
    told = [f"{names[name]} ({listed(case.words, 3)})" for name, case in loose.items()]
    return Finding(
        points=2 * len(loose),
        message=f"{counted(len(loose), 'column')} of fixed words without accepted_values: "
        + listed(told),
        fix="list the words in an accepted_values test; add not_null if every row must have one",
        columns=tuple(names[name] for name in loose),
        line=min(case.line for case in loose.values()),
    )
