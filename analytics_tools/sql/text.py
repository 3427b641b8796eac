"""A cheap look at SQL as written, Jinja included: no parser, so 10,000 models take no time.

What these functions report must be certain from the text alone. Where the text can be read in two
ways they keep silent.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_COMMENT_OR_STRING = re.compile(r"/\*.*?\*/|--[^\n]*|'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_JINJA_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
# Stands in for the value of a Jinja expression, which may be anything.
_ANYTHING = "\x00"

# The patterns below run on text in lower case and begin with a literal word: the regex engine then
# skips from word to word, which is ten times faster than trying every position.
_PART = r"(?:\w+|\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\])"
# `a.b` or `a.b.c`, and not `a.b(...)`, which calls a function.
_DOTTED = (
    rf"\s+(`[\w-]+(?:\.[\w-]+)+`|{_PART}(?:\s*\.\s*{_PART}){{1,2}})"
    r"(?![\w.\"`\]\x00]*\s*\()(?![\w.\x00])"
)
_READS = (re.compile(r"from(?<!\wfrom)" + _DOTTED), re.compile(r"join(?<!\wjoin)" + _DOTTED))
# What a dotted name looks like before comments and Jinja are gone. Most models read by ref() alone,
# and this tells so without cleaning their code.
_MAY_FROM, _MAY_JOIN = [
    re.compile(word + r"\s+(?:[^\s{}(),;]+\s*\.|\{[#%]|--|/\*)") for word in ("from", "join")
]
# Names a query gives itself: `x as (`, `from ... x`, `) x`, `, ... x`.
_LOCAL_NAMES = re.compile(
    r"\b(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\("
    r"|(?:\b(?:from|join)\s+[^\s,()]+\s+|\)\s*|,\s*[^\s,()]+\s+)"
    r"(?:as\s+)?(?!(?:from|join)\b)(\w+)"
)
_FROM_OF_A_FUNCTION = re.compile(
    r"\b(?:extract|trim|substring|substr|overlay|position)\s*\([^()]*$"
)
_IS_DISTINCT = re.compile(r"\bis\s+(?:not\s+)?distinct\s*$")
# Read on purpose, and not covered by any source() call.
_SYSTEM_SCHEMAS = {"information_schema", "pg_catalog", "sys", "system", "account_usage"}
_CASE_WORDS = [
    (word, re.compile(rf"{word}(?<!\w{word})(?!\w)"))
    for word in ("case", "when", "then", "else", "end")
]
_CASE, _END = _CASE_WORDS[0][1], _CASE_WORDS[-1][1]
_MAY_BE_IF = re.compile(r"iff?\s*\(")
_IFS = (re.compile(r"if(?<!\wif)f?\s*\("), re.compile(r"multiif\s*\("))


class Hit(NamedTuple):
    """Something found in code; `line` counts from 1."""

    text: str
    line: int


@functools.lru_cache(maxsize=8)  # several questions are asked of one model in a row
def bare_sql(code: str) -> str:
    """Return `code` without Jinja, comments and string literals; all else keeps its place."""
    if "{" in code:  # one letter is looked for in no time, two are not
        if "{#" in code:
            code = _JINJA_COMMENT.sub(_spaces, code)
        if "{{" in code:
            code = _JINJA_EXPRESSION.sub(_stand_in, code)
        if "{%" in code:
            code = _JINJA_STATEMENT.sub(_spaces, code)
    return _without_comments_and_strings(code)


def _without_comments_and_strings(code: str) -> str:
    """Blank what begins with ``--``, ``/*`` or a quote, whichever comes first each time.

    Hopping from one to the next costs a tenth of trying a pattern at every letter.
    """
    if not (_has(code, "--") or _has(code, "/*") or "\\" in code):
        outside_and_inside = code.split("'")
        if len(outside_and_inside) % 2:  # each string is closed
            outside_and_inside[1::2] = map(_blank, outside_and_inside[1::2])
            return " ".join(outside_and_inside)
    parts: list[str] = []
    done, length = 0, len(code)
    quote, dashes, slash = code.find("'"), code.find("--"), code.find("/*")
    while True:
        # What isn't found lies behind the end.
        start = min(place if place >= 0 else length for place in (quote, dashes, slash))
        if start == length:
            break
        match = _COMMENT_OR_STRING.match(code, start)
        end = match.end() if match else length  # never closed: nor is any that follows
        if match:
            parts += (code[done:start], _spaces(match))
            done = end
        if quote == start or 0 <= quote < done:
            quote = code.find("'", end)
        if dashes == start or 0 <= dashes < done:
            dashes = code.find("--", end)
        if slash == start or 0 <= slash < done:
            slash = code.find("/*", end)
    return "".join((*parts, code[done:])) if parts else code


def _has(code: str, pair: str) -> bool:
    """Whether two letters, the first of which is rare, stand in `code`."""
    return pair[0] in code and pair in code


def hard_coded_relations(code: str) -> tuple[Hit, ...]:
    """Return the relations that `code` names directly, as in ``from raw.orders``, in order.

    A name of one part is left alone (a CTE, most likely), and so is whatever could also be an array
    column of another relation, a table function or a system catalog.
    """
    raw = in_lower_case(code)
    if not (_MAY_FROM.search(raw) or _MAY_JOIN.search(raw)):
        return ()
    text = bare_sql(code)
    lower = in_lower_case(text)
    found = [match for pattern in _READS for match in pattern.finditer(lower)]
    if not found:
        return ()
    local = {(a or b) for a, b in _LOCAL_NAMES.findall(lower)}
    hits: list[tuple[int, Hit]] = []
    for match in found:
        parts = [part.strip('"`[] \n\t') for part in match.group(1).split(".")]
        before = lower[max(0, match.start() - 200) : match.start()]
        if parts[0] in local or _SYSTEM_SCHEMAS.intersection(parts):
            continue
        if _IS_DISTINCT.search(before) or _FROM_OF_A_FUNCTION.search(before):
            continue
        name = "".join(text[match.start(1) : match.end(1)].split())
        line = text.count("\n", 0, match.start()) + 1
        hits.append((match.start(), Hit(name, line)))
    return tuple(hit for _, hit in sorted(hits))


def count_branches(code: str, at_least: int = 1) -> int:
    """Return how many ways `code` has to decide a value; 0 where they can't be `at_least` many.

    Each WHEN counts, and ELSE after several of them; each IF() or IFF() counts once. A lone WHEN
    without ELSE doesn't: ``count(case when paid then id end)`` is a filter.
    """
    raw = in_lower_case(code)
    has_ifs = _MAY_BE_IF.search(raw) is not None and any(p.search(raw) for p in _IFS)
    many = raw.count("when")
    if not has_ifs and (not many or (many < at_least and many + raw.count("else") < at_least)):
        return 0
    branches = 0
    if has_ifs:
        lower = in_lower_case(bare_sql(code))
        branches = sum(len(pattern.findall(lower)) for pattern in _IFS)
    whens: list[int] = []  # of each CASE that is open, the outermost first
    elses: list[bool] = []
    for _, _, word in _case_tokens(code):
        if word == "case":
            whens.append(0)
            elses.append(False)
        elif whens and word == "when":
            whens[-1] += 1
        elif whens and word == "else":
            elses[-1] = True
        elif whens and word == "end":
            count, has_else = whens.pop(), elses.pop()
            branches += count + has_else if count > 1 else int(has_else)
    return branches


@functools.lru_cache(maxsize=8)
def _case_tokens(code: str) -> tuple[tuple[int, int, str], ...]:
    """Return start, end and word of each CASE, WHEN, THEN, ELSE and END, in order."""
    start, end = _case_region(code)
    # Nobody asks for this part again: past the caches.
    lower = in_lower_case.__wrapped__(bare_sql.__wrapped__(code[start:end]))
    if "case" not in lower:
        return ()
    found = [
        (place := match.start() + start, place + len(word), word)
        for word, pattern in _CASE_WORDS
        for match in pattern.finditer(lower)
    ]
    found.sort()
    return tuple(found)


def _case_region(code: str) -> tuple[int, int]:
    """Return the lines from the first CASE to the last END, or all where that can't be told.

    Most of a model's text lies outside of them, and needs no cleaning.
    """
    lower = in_lower_case(code)
    case, last = _CASE.search(lower), _last_end(lower)
    if case is None or last < case.start():
        return 0, 0
    start = lower.rfind("\n", 0, case.start()) + 1
    head = lower[:start]
    if _has(head, "/*") or ("#" in head and "{#" in head) or head.count("'") % 2:
        return 0, len(code)
    if head.rfind("{") > head.rfind("}"):  # within Jinja, which perhaps goes on
        return 0, len(code)
    if head[head.rfind("}") - 1 :][:1] not in "%}" and (
        head.rfind("{{") > head.rfind("}}") or head.rfind("{%") > head.rfind("%}")
    ):
        return 0, len(code)
    stop = lower.find("\n", last)
    return start, len(code) if stop < 0 else stop


def _last_end(lower: str) -> int:
    """Return where the last word END begins, -1 without any."""
    place = lower.rfind("end")
    while place >= 0 and not _END.match(lower, place):
        place = lower.rfind("end", 0, place)
    return place


@functools.lru_cache(maxsize=8)
def in_lower_case(text: str) -> str:
    """Return `text` in lower case, every character in its place: a few letters grow otherwise."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[:1] for c in text)


def _spaces(match: re.Match[str]) -> str:
    return _blank(match.group())


def _blank(text: str) -> str:
    if "\n" not in text:
        return " " * len(text)
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _stand_in(match: re.Match[str]) -> str:
    return "\n".join(_ANYTHING * len(line) for line in match.group().split("\n"))


def has_word(word: str, text: str) -> bool:
    """Whether `word` stands in `text`, and not as a part of a longer one."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        around = text[max(0, place - 1) : place] + text[end : end + 1]
        if not any(letter.isalnum() or letter == "_" for letter in around):
            return True
        place = text.find(word, place + 1)
    return False


class LiteralCase(NamedTuple):
    """A column made by a CASE that gives nothing but words: its name, the words, the line."""

    name: str
    words: tuple[str, ...]
    line: int


_THEN_WORD = re.compile(r"then\s+'")
_ALIAS = re.compile(r"\s*(?:as\s+)?([a-z_]\w*)\s*(?:,|\n|$|\bfrom\b)")
_WORD = re.compile(r"\s*(?:'((?:[^'\\]|'')*)'|null)(?:\s|--[^\n]*\n)*")


def literal_cases(code: str) -> tuple[LiteralCase, ...]:
    """Return the columns that `code` makes of two or more fixed words, as in an enumeration."""
    lower = in_lower_case(code)
    if not _THEN_WORD.search(lower) or code.count("'") < 4:
        return ()
    found: list[LiteralCase] = []
    opened: list[list[str] | None] = []  # the words of each CASE that is open; None: not only words
    tokens = _case_tokens(code)
    before = ""
    for place, (start, end, word) in enumerate(tokens):
        if word == "case":
            if opened and before in ("then", "else"):
                opened[-1] = None  # what it gives is decided further inside
            opened.append([])
        elif opened and word in ("then", "else") and place + 1 < len(tokens):
            value = _WORD.fullmatch(code, end, tokens[place + 1][0])
            words = opened[-1]
            if value is None:
                opened[-1] = None
            elif words is not None and value.group(1) is not None:
                words.append(value.group(1))
        elif opened and word == "end":
            words, alias = opened.pop(), _ALIAS.match(lower, end)
            if words and alias and not opened and len(set(words)) > 1:
                line = lower.count("\n", 0, start) + 1
                found.append(LiteralCase(alias.group(1), tuple(dict.fromkeys(words)), line))
        before = word
    return tuple(found)
