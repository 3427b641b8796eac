"""The macros, rendered by dbt once, then tried on many values in DuckDB."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Warehouse
from tests.engines import macro_cases

MACROS = {
    "cents": "{{ cents_to_dollars('cents') }}",
    "email": "{{ is_valid_email('email') }}",
    "name": "{{ initial_capital('name') }}",
    "reject": "{{ reject_reason({'a is missing': 'a is null', 'b is negative': 'b < 0'}) }}",
    "amounts": "{{ any_missing_or_negative(['a', 'b']) }}",
    "sold": "{{ counts_as_sold('status', 'deleted') }}",
    "latest": "{{ latest_version('versions', 'id', tie_breakers=['word']) }}",
    "in_range": "{{ dbt_utils.test_accepted_range('numbers', 'n', min_value=1, max_value=3) }}",
    "in_open_range": "{{ dbt_utils.test_accepted_range('numbers', 'n', min_value=1, inclusive=false) }}",
    "as_many": "{{ dbt_utils.test_equal_rowcount('numbers', 'others') }}",
    "true": "{{ dbt_utils.test_expression_is_true('numbers', 'n < 3') }}",
    "true_of": "{{ dbt_utils.test_expression_is_true('numbers', '< 3', column_name='n') }}",
    "unique": "{{ dbt_utils.test_unique_combination_of_columns('numbers', ['n', 'word']) }}",
    "pivot": "{{ pivot('word', {'a': 'many_a', \"b's\": 'many_b'}) }}",
    "pivot_sums": "{{ pivot('word', {'a': 'sum_a'}, then_value='n', agg='sum') }}",
    "frequent": "{{ values_above('numbers', 'word', 1) }}",
    "large": "{{ values_above('numbers', 'word', 2.5, measure='sum(n)') }}",
    "share": "{{ share_of('part', 'whole') }}",
    "keyed": "{{ keyed_hash('word', \"it's\") }}",
    "keyed_otherwise": "{{ keyed_hash('word', 'its') }}",
    "rows": "{{ inline_rows({'n': 'integer', 'word': 'varchar'}, [[1, \"'a'\"], ['null', 'null']]) }}",
    "no_rows": "{{ inline_rows({'n': 'integer', 'word': 'varchar'}, []) }}",
    "key": "{{ dbt_utils.generate_surrogate_key(['n', 'word']) }}",
}
BORDER = "-- next --"


@pytest.fixture(scope="module")
def sql(warehouse: Warehouse) -> dict[str, str]:
    """Macro name to the SQL that dbt renders for it."""
    inline = f"\n{BORDER}\n".join([*MACROS.values(), ""])
    rendered = warehouse.dbt("--quiet", "compile", "--inline", inline)
    return dict(zip(MACROS, rendered.split(BORDER), strict=False))


def answer(query: str) -> object:
    return duckdb.connect().sql(query).fetchall()


@settings(deadline=None)  # the machine may be busy
@given(cents=st.integers(-(10**15), 10**15))
def test_cents_become_dollars_exactly(sql: dict[str, str], cents: int) -> None:
    ((dollars,),) = answer(f"select {sql['cents']} from (select {cents}::bigint as cents)")
    assert dollars == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("email", "valid"),
    [
        ("'ada@example.com'", True),
        ("'a.b+c@mail.example.co.uk'", True),
        ("'ada.example.com'", False),
        ("'ada@@example.com'", False),
        ("'ada@example'", False),
        ("'@example.com'", False),
        ("'ada@example..com'", False),
        ("'ada lovelace@example.com'", False),
        ("''", False),
        ("null", None),
    ],
)
def test_an_email_has_a_form(sql: dict[str, str], email: str, valid: bool | None) -> None:
    assert answer(f"select {sql['email']} from (select {email}::varchar as email)") == [(valid,)]


@pytest.mark.parametrize(
    ("name", "expected"), [("'ADA'", "Ada"), ("'o'", "O"), ("''", ""), ("null", None)]
)
def test_a_name_starts_with_a_capital(sql: dict[str, str], name: str, expected: str | None) -> None:
    assert answer(f"select {sql['name']} from (select {name}::varchar as name)") == [(expected,)]


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (1, 1, None),
        ("null", 1, "a is missing"),
        ("null", -1, "a is missing"),
        (1, -1, "b is negative"),
        (1, "null", None),
    ],
)
def test_the_first_broken_rule_is_named(
    sql: dict[str, str], a: object, b: object, reason: str | None
) -> None:
    assert answer(f"select {sql['reject']} from (select {a} as a, {b} as b)") == [(reason,)]


@pytest.mark.parametrize(
    ("a", "b", "broken"), [(0, 0, False), ("null", 0, True), (0, "null", True), (0, -1, True)]
)
def test_missing_counts_as_broken(sql: dict[str, str], a: object, b: object, broken: bool) -> None:
    found = answer(f"select coalesce({sql['amounts']}, false) from (select {a} as a, {b} as b)")
    assert found == [(broken,)]


@pytest.mark.parametrize(
    ("status", "deleted", "sold"),
    [
        ("placed", False, True),
        ("returned", False, True),
        ("cancelled", False, False),
        ("placed", True, False),
    ],
)
def test_what_counts_as_sold(sql: dict[str, str], status: str, deleted: bool, sold: bool) -> None:
    found = answer(f"select {sql['sold']} from (select '{status}' as status, {deleted} as deleted)")
    assert found == [(sold,)]


version = st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 3), st.sampled_from("ab"))


@settings(deadline=None)  # the machine may be busy
@given(versions=st.lists(version, min_size=1, max_size=8))
def test_the_latest_version_wins_whatever_the_order(
    sql: dict[str, str], versions: list[tuple[int, int, int, str]]
) -> None:
    values = ", ".join(str(v) for v in versions)
    found = answer(
        f"with versions as (select * from (values {values}) as v (id, updated_at, loaded_at, word)) "
        f"select id, updated_at, loaded_at, word from ({sql['latest']}) order by all"
    )
    expected = [
        min((v for v in versions if v[0] == key), key=lambda v: (-v[1], -v[2], v[3]))
        for key in sorted({v[0] for v in versions})
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ("in_range", "(1, 'x'), (3, 'x'), (null, 'x')", "(4, 'x')"),
        ("in_open_range", "(2, 'x')", "(1, 'x')"),
        ("as_many", "(1, 'x'), (2, 'x')", "(1, 'x')"),
        ("true", "(2, 'x')", "(3, 'x')"),
        ("true_of", "(2, 'x')", "(3, 'x')"),
        ("unique", "(1, 'x'), (1, 'y'), (2, 'x')", "(1, 'x'), (1, 'x')"),
    ],
)
def test_a_generic_test_passes_good_rows_and_fails_bad_ones(
    sql: dict[str, str], check: str, good: str, bad: str
) -> None:
    """Holds for dbt_utils from the hub and for the stand-in: same names, arguments, results."""
    for values, failures in ((good, False), (bad, True)):
        found = answer(
            f"with numbers as (select * from (values {values}) as v (n, word)), "
            f"others as (select * from range(2)) select * from ({sql[check]})"
        )
        assert bool(found) is failures


def test_a_surrogate_key_tells_null_from_empty(sql: dict[str, str]) -> None:
    keys = answer(
        f"select {sql['key']} from (values (1, 'x'), (1, ''), (1, null), (null, 'x')) as v (n, word)"
    )
    assert len(set(keys)) == 4
    assert keys[0] == answer("select md5('1-x')")[0]


@settings(deadline=None)  # the machine may be busy
@given(
    words=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8), min_size=1
    )
)
def test_a_keyed_hash_joins_and_needs_its_salt(sql: dict[str, str], words: list[str]) -> None:
    """Equal strings hash alike, others do not, and another salt gives another hash."""
    found = (
        duckdb.connect()
        .execute(
            f"select word, {sql['keyed']}, {sql['keyed_otherwise']} from (select unnest($1::varchar[]) as word)",
            [words],
        )
        .fetchall()
    )
    ours, theirs = {h for _, h, _ in found}, {h for _, _, h in found}
    assert len(ours) == len(theirs) == len(set(words))
    assert not ours & theirs
    assert {len(h) for h in ours} == {64}


def test_a_pivot_counts_or_sums_each_named_value(sql: dict[str, str]) -> None:
    rows = """from (values (1, 'a'), (4, 'a'), (9, 'b''s'), (7, 'other'), (null, null)) as v (n, word)"""
    assert answer(f"select {sql['pivot']} {rows}") == [(2, 1)]
    assert answer(f"select {sql['pivot_sums']} {rows}") == [(5,)]
    assert answer(f"select {sql['pivot']} {rows} where false") == [(0, 0)]


def test_values_above_a_threshold_exceed_it(sql: dict[str, str]) -> None:
    numbers = (
        "with numbers as (select * from (values (1, 'a'), (1, 'a'), (3, 'b')) as v (n, word)) "
    )
    assert answer(numbers + sql["frequent"]) == [("a", 2)]
    assert answer(numbers + sql["large"]) == [("b", 3)]


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(1, 3, "0.333333"), (0, 3, "0.000000"), (1, 0, None), ("null", 2, None), (1, "null", None)],
)
def test_a_share_keeps_its_decimals(
    sql: dict[str, str], part: object, whole: object, share: str | None
) -> None:
    ((found,),) = answer(f"select {sql['share']} from (select {part} as part, {whole} as whole)")
    assert found == (None if share is None else Decimal(share))


@pytest.fixture(scope="module")
def portable(warehouse: Warehouse) -> dict[str, str]:
    return macro_cases.queries(
        warehouse.dbt("--quiet", "compile", "--inline", macro_cases.inline())
    )


@pytest.mark.parametrize("case", macro_cases.CASES)
def test_what_every_engine_answers_alike(portable: dict[str, str], case: str) -> None:
    found = [macro_cases.plain(value) for (value,) in answer(portable[case])]
    assert found == macro_cases.CASES[case][1]


def test_a_pattern_with_a_backslash_is_refused(warehouse: Warehouse) -> None:
    done = warehouse.run("dbt", "--quiet", "compile", "--inline", r"{{ matches('a', '\d') }}")
    assert done.returncode != 0
    assert "without backslash" in done.stdout


def test_rows_that_dbt_writes_keep_the_types_of_their_columns(sql: dict[str, str]) -> None:
    assert answer(sql["rows"]) == [(1, "a"), (None, None)]
    for query in (sql["rows"], sql["no_rows"]):
        types = [kind for _, kind, *_ in duckdb.connect().sql(f"describe {query}").fetchall()]
        assert types == ["INTEGER", "VARCHAR"]
    assert answer(sql["no_rows"]) == []
