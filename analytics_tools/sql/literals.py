"""The texts of a statement, where the parser makes one thing of several."""

from __future__ import annotations

import functools
import re

import sqlglot
from sqlglot import exp
from sqlglot.time import format_time

from analytics_tools.sql.dialect import quiet

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Texts:
    """The texts in a statement by what the parser makes of them: of two it may make one.

    It writes all time formats in one way (`YYYY` and `yyyy`, `MON` and `mon`), and all paths into
    JSON (DuckDB takes `a.b` for one key, and `$.a.b` for two).
    """

    def __init__(self, sql: str, dialect: str) -> None:
        self._sql, self._dialect = sql, dialect

    def may_say(self, *words: str) -> bool:
        """Whether one of some words, in lower case, stands in the statement."""
        lower = self._sql.lower()
        return any(word in lower for word in words)

    @functools.cached_property
    def all(self) -> list[str]:
        """All texts of the statement, in order."""
        tokens = sqlglot.tokenize(self._sql, read=self._dialect or None)
        return [token.text for token in tokens if "STRING" in token.token_type.name]

    @functools.cached_property
    def _paths(self) -> dict[exp.Expr, list[str]]:
        known = sqlglot.Dialect.get_or_raise(self._dialect or None)
        found: dict[exp.Expr, list[str]] = {}
        with quiet():
            for text in dict.fromkeys(self.all):
                path = known.to_json_path(exp.Literal.string(text))
                if isinstance(path, exp.JSONPath):
                    found.setdefault(path, []).append(text)
        return found

    def of_path(self, made: exp.JSONPath) -> list[str]:
        """Return the texts of which a path may have been made, where they may mean two paths.

        None if it was written otherwise.
        """
        texts = self._paths.get(made, [])
        return [] if {*texts} <= self._plain(made) else texts

    def _plain(self, made: exp.JSONPath) -> set[str]:
        """Return how a path may be written so that it means what the parser takes it for."""
        if self._dialect not in ("duckdb", "snowflake"):
            return set()
        plain = {made.sql(self._dialect)[1:-1]}
        names = [str(key.this) for key in made.expressions[1:]]
        if self._dialect == "duckdb" and len(names) == 1 and _WORD.fullmatch(names[0]):
            plain.add(names[0])
        return plain

    def of_format(self, made: str) -> list[str]:
        """Return the texts of which a format may have been made, in order; all if that is open."""
        known = sqlglot.Dialect.get_or_raise(self._dialect or None)
        mappings = [
            (known.TIME_MAPPING, known.TIME_TRIE),
            (known.FORMAT_MAPPING, known.FORMAT_TRIE),
        ]
        ambiguous = any(len(set(m.values())) < len(m) for m, _ in mappings)
        if not ambiguous:
            return []
        found = [
            text
            for text in self.all
            if any(format_time(text, mapping, trie) == made for mapping, trie in mappings)
        ]
        return found or self.all
