"""Whether a query of DuckDB's gives the same on the same rows, every time it is run."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import Dialect, TokenType
from sqlglot.errors import SqlglotError

from analytics_tools.sql.functions import CLOCK_NAMES, VOLATILE_NAMES

_NEVER = CLOCK_NAMES | VOLATILE_NAMES | {"reservoir_quantile"}
_TABLES = frozenset(("unnest", "range", "generate_series"))
# Macros of DuckDB's own that stand for plain functions.
_MACROS = frozenset(
    ("array_append", "array_prepend", "array_reverse", "array_to_string", "date_add",
     "days_in_month", "fdiv", "fmod", "if", "list_append", "list_avg", "list_max", "list_min",
     "list_prepend", "list_reverse", "list_sum", "nullif", "split_part")
)  # fmt: skip
# Words, quoted ones as well, that mean another thing to every run, or in every database; and a
# collation, which is part of a type that doesn't show it.
_WORDS = frozenset(
    ("collate", "information_schema", "localtime", "localtimestamp", "rowid", "sample",
     "session_user", "tablesample", "user")
)  # fmt: skip
_STARTS = ("collate_", "duckdb_", "icu_", "pg_", "pragma_", "sqlite_")

Kinds = Mapping[str, set[tuple[str, str]]]


def is_determined(sql: str, kinds: Kinds) -> bool:
    """Whether a query asks for nothing but rows that it reads and plain functions of them.

    Args:
        kinds: DuckDB's functions by name in small letters: what each is, and how stable.
    """
    try:
        tokens = Dialect.get_or_raise("duckdb").tokenize(sql)
    except SqlglotError:
        return False
    for token, after in zip(tokens, (*tokens[1:], None), strict=False):
        word = token.text.lower()
        if token.token_type == TokenType.STRING:
            continue
        is_current = word.startswith("current_") and word in kinds
        if word in _WORDS or is_current or word.startswith(_STARTS):
            return False
        is_called = after is not None and after.token_type == TokenType.L_PAREN
        if is_called and not all(_is_plain(word, *kind) for kind in kinds.get(word, ())):
            return False
    return True


def _is_plain(name: str, kind: str, stability: str) -> bool:
    if kind in ("table", "table_macro"):
        return name in _TABLES
    if kind == "macro":
        return name in _MACROS
    is_stable = stability == "CONSISTENT" or kind == "aggregate"
    return is_stable and name not in _NEVER
