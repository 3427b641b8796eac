"""A cheap look at SQL as written, Jinja included: no parser, so 10,000 models take no time.

What these functions report must be certain from the text alone. Where the text can be read in two
ways they keep silent.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMENT_OR_STRING = re.compile(r"/\*.*?\*/|--[^\n]*|'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_JINJA_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
# Stands in for the value of a Jinja expression, which may be anything.
_ANYTHING = "\x00"

_PART = r"(?:\w+|\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\])"
# `from a.b` or `join a.b.c`, and not `from a.b(...)`, which calls a function.
_RELATION = re.compile(
    rf"\b(?:from|join)\s+(`[\w-]+(?:\.[\w-]+)+`|{_PART}(?:\s*\.\s*{_PART}){{1,2}})"
    r"(?![\w.\"`\]\x00]*\s*\()(?![\w.\x00])",
    re.IGNORECASE,
)
# Names a query gives itself: `x as (`, `from ... x`, `) x`, `, ... x`.
_LOCAL_NAMES = re.compile(
    r"\b(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\("
    r"|(?:\b(?:from|join)\s+[^\s,()]+\s+|\)\s*|,\s*[^\s,()]+\s+)(?:as\s+)?(\w+)",
    re.IGNORECASE,
)
_FROM_OF_A_FUNCTION = re.compile(
    r"\b(?:extract|trim|substring|substr|overlay|position)\s*\([^()]*$", re.IGNORECASE
)
_IS_DISTINCT = re.compile(r"\bis\s+(?:not\s+)?distinct\s*$", re.IGNORECASE)
# Read on purpose, and not covered by any source() call.
_SYSTEM_SCHEMAS = {"information_schema", "pg_catalog", "sys", "system", "account_usage"}
_BRANCH = re.compile(r"\bwhen\b|\b(?:iff|if|multiif)\s*\(", re.IGNORECASE)


class Hit(NamedTuple):
    """Something found in code; `line` counts from 1."""

    text: str
    line: int


def bare_sql(code: str) -> str:
    """Return `code` without Jinja, comments and string literals; all else keeps its line."""
    code = _JINJA_COMMENT.sub(_spaces, code)
    code = _JINJA_EXPRESSION.sub(_stand_in, code)
    code = _JINJA_STATEMENT.sub(_spaces, code)
    return _COMMENT_OR_STRING.sub(_spaces, code)


def hard_coded_relations(code: str) -> tuple[Hit, ...]:
    """Return the relations that `code` names directly, as in ``from raw.orders``, in order.

    A name of one part is left alone (a CTE, most likely), and so is whatever could also be an array
    column of another relation, a table function or a system catalog.
    """
    text = bare_sql(code)
    found = list(_RELATION.finditer(text))
    if not found:
        return ()
    local = {(a or b).lower() for a, b in _LOCAL_NAMES.findall(text)}
    hits: list[Hit] = []
    for match in found:
        name = re.sub(r"\s+", "", match.group(1))
        parts = [part.strip('"`[]').lower() for part in name.split(".")]
        before = text[max(0, match.start() - 200) : match.start()]
        if parts[0] in local or _SYSTEM_SCHEMAS.intersection(parts):
            continue
        if _IS_DISTINCT.search(before) or _FROM_OF_A_FUNCTION.search(before):
            continue
        hits.append(Hit(name, text.count("\n", 0, match.start()) + 1))
    return tuple(hits)


def count_branches(code: str) -> int:
    """Return how many branches `code` has that decide a value: each WHEN, each IF() or IFF()."""
    return len(_BRANCH.findall(bare_sql(code))) if _BRANCH.search(code) else 0


def _spaces(match: re.Match[str]) -> str:
    return "\n".join(" " * len(line) for line in match.group().split("\n"))


def _stand_in(match: re.Match[str]) -> str:
    return "\n".join(_ANYTHING * len(line) for line in match.group().split("\n"))
