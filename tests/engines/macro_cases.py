"""What differs between engines, as queries of one column with the answer that each must give."""

from __future__ import annotations

from decimal import Decimal
from hashlib import md5, sha256
from typing import Any

BORDER = "-- next --"
WORDS = (
    "(select 'b' as word union all select 'a' union all select 'B' union all select 'ä') as words"
)
VERSIONS = """versions as (
    select 1 as id, 1 as updated_at, 1 as loaded_at, cast(null as {{ dbt.type_int() }}) as n, 'null' as word
    union all select 1, 1, 1, 7, 'seven'
    union all select 2, 1, 1, null, 'older'
    union all select 2, 2, 1, null, 'newer'
)"""


def _value(expression: str, expected: Any) -> tuple[str, list[Any]]:
    return f"select {{{{ {expression} }}}} as answer", [expected]


CASES: dict[str, tuple[str, list[Any]]] = {
    "a third": _value("quotient('1', '3')", Decimal("0.333333")),
    "two thirds": _value("quotient('2', '3', decimals=2)", Decimal("0.67")),
    "half a cent goes up": _value("quotient('100.27', '2', decimals=2)", Decimal("50.14")),
    "and down below zero": _value("quotient('-100.27', '2', decimals=2)", Decimal("-50.14")),
    "half of what no double holds": _value("quotient('1.005', '1', decimals=2)", Decimal("1.01")),
    "a year of a large shop": _value(
        "quotient('987654321012.34', '3')", Decimal("329218107004.113333")
    ),
    "a part of it": _value("share_of('4999392.81', '987654321012.34')", Decimal("0.000005")),
    "by a negative number": _value("quotient('1', '-8', decimals=2)", Decimal("-0.13")),
    "half a millionth": _value("share_of('1', '640')", Decimal("0.001563")),
    "over nothing": _value("share_of('1', '0')", None),
    "of nothing": _value("share_of('null', '2')", None),
    "cents": _value("cents_to_dollars('-5')", Decimal("-0.05")),
    "hash": _value("""strong_hash("'é'")""", sha256("é".encode()).hexdigest()),
    "key": _value(
        """dbt_utils.generate_surrogate_key(["'a'", "cast(null as " ~ dbt.type_string() ~ ")"])""",
        md5(b"a-_dbt_utils_surrogate_key_null_", usedforsecurity=False).hexdigest(),
    ),
    "key of a time": _value(
        """dbt_utils.generate_surrogate_key(["cast('2026-01-31 04:05:06' as " ~ dbt.type_timestamp() ~ ")"])""",
        md5(b"2026-01-31 04:05:06", usedforsecurity=False).hexdigest(),
    ),
    "second part": _value("""part_of("'a;b;'", ';', 2)""", "b"),
    "empty part": _value("""part_of("'a;b;'", ';', 3)""", ""),
    "capital": _value("""initial_capital("'éLODIE'")""", "Élodie"),
    "form of an address": _value("""is_valid_email("'a@b.co'")""", True),
    "no form of one": _value("""is_valid_email("'a@@b.co'")""", False),
    "key of JSON": _value("""json_text("'{\\"a\\": {\\"c\\": 1}, \\"c\\": \\"x\\"}'", 'c')""", "x"),
    "number in JSON": _value("""json_text("'{\\"c\\": 12}'", 'c')""", "12"),
    "no key of JSON": _value("""json_text("'{\\"a\\": 1}'", 'c')""", None),
    "found": _value("""matches("'xab1'", 'a[b-z]+[0-9]$')""", True),
    "not found": _value("""matches("'xab'", '^ab')""", False),
    "median": (
        "select {{ percentile('n', 0.5) }} from (select 1 as n union all select 2 union all select 9 union all select 4) as v",
        [3],
    ),
    "bytes, not letters": (
        f"select word from {WORDS} order by {{{{ byte_order('word') }}}}",
        ["B", "a", "b", "ä"],
    ),
    "newest, and null last": (
        f"with {VERSIONS} select word from ("
        "{{ latest_version('versions', 'id', tie_breakers=['n desc']) }}) as latest order by id",
        ["seven", "newer"],
    ),
    "list to rows": (
        "with lists as (select 1 as id, ' b ; ;a' as words) select word from ("
        "{{ split_to_rows('lists', 'words', ';', ['id'], 'word') }}) as split"
        " where word is not null order by word",
        ["a", "b"],
    ),
    "interval and distance": (
        "select {{ dbt.datediff(\"cast('2026-01-31' as date)\", dbt.dateadd('month', 1, \"cast('2026-01-31' as date)\"), 'day') }}",
        [28],
    ),
}


def inline() -> str:
    """All cases as one text, for `dbt compile --inline`."""
    return f"\n{BORDER}\n".join([*(sql for sql, _ in CASES.values()), ""])


def queries(compiled: str) -> dict[str, str]:
    """Case to the SQL that dbt made of it."""
    return dict(zip(CASES, compiled.split(BORDER), strict=False))


def plain(value: Any) -> Any:
    """Numbers of any type as decimals, so that 3 is 3.0; anything else as it is."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return Decimal(str(value))
