"""The texts of a statement, where the parser makes one thing of several."""

from __future__ import annotations

import functools

import sqlglot
from sqlglot import exp
from sqlglot.time import format_time

from analytics_tools.sql.dialect import quiet


class Texts:
    """The texts in a statement by what the parser makes of them: of two it may make one.

    It writes all time formats in one way (`YYYY` and `yyyy`, `MON` and `mon`), and all paths into
    JSON (DuckDB takes `a.b` for one key, and `$.a.b` for two).
    """

    def __init__(self, sql: str, dialect: str) -> None:
        self._sql, self._dialect = sql, dialect

    @functools.cached_property
    def _texts(self) -> list[str]:
        tokens = sqlglot.tokenize(self._sql, read=self._dialect or None)
        return [token.text for token in tokens if "STRING" in token.token_type.name]

    @functools.cached_property
    def _paths(self) -> dict[exp.Expr, list[str]]:
        known = sqlglot.Dialect.get_or_raise(self._dialect or None)
        found: dict[exp.Expr, list[str]] = {}
        with quiet():
            for text in dict.fromkeys(self._texts):
                path = known.to_json_path(exp.Literal.string(text))
                if isinstance(path, exp.JSONPath):
                    found.setdefault(path, []).append(text)
        return found

    def of_path(self, made: exp.JSONPath) -> list[str]:
        """Return the texts of which a path may have been made; none if it was written otherwise."""
        return self._paths.get(made, [])

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
            for text in self._texts
            if any(format_time(text, mapping, trie) == made for mapping, trie in mappings)
        ]
        return found or self._texts
