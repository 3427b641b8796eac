"""Whether a test asks for less than it did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from analytics_tools.artifacts.code import NodeCode
from analytics_tools.artifacts.nodes import Test

_WEAKER, _STRONGER, _UNKNOWN = -1, 1, 0
_THRESHOLD = re.compile(r"(!=|>=|>|<>)\s*(\d+)")
# Settings that say nothing of what fails.
_PASSIVE = frozenset(
    ("alias", "schema", "database", "tags", "meta", "group", "store_failures", "docs",
     "store_failures_as", "description", "materialized", "snowflake_warehouse", "enabled",
     "severity", "where", "error_if", "warn_if", "static_analysis", "sql_header", "query_tag")
)  # fmt: skip
_NOT_ARGUMENTS = frozenset(("model", "column_name", "description", "name", "config"))
_MORE_IS_WEAKER = (
    "max_value",
    "interval",
    "tolerance",
    "tolerance_percent",
    "threshold",
)
_LESS_IS_WEAKER = ("min_value", "at_least", "mostly", "percentage", "ratio_at_least")
_SETS = ("values", "value_set", "accepted_values", "column_values")
_COLUMNS = ("combination_of_columns", "column_list", "columns")
_FILTERS = ("where", "row_condition", "filter_condition")
_FORBIDS = re.compile(r"(?:^|_|\.)(?:not_in|not_accepted|rejected|forbidden|not_be_in)")


class _Step(NamedTuple):
    """One thing that differs, and which way it goes."""

    way: int
    text: str


def compare_strictness(
    before: Test, after: Test, old: NodeCode, new: NodeCode, is_rewritten: bool
) -> tuple[str, tuple[str, ...]]:
    """Say how a test's demand changed, and what differs.

    Args:
        before, after, old, new: the test and its code.
        is_rewritten: whether its SQL differs by an edit.

    Returns:
        ``weakened`` when anything in it asks for less, ``changed`` when that can't be told,
        ``strengthened`` otherwise; empty when nothing that matters differs.
    """
    steps = [*_settings(old.settings, new.settings)]
    steps += _arguments(before, after)
    if not steps and is_rewritten:
        steps = [_Step(_UNKNOWN, "its SQL differs")]
    if not steps:
        return "", ()
    ways = {step.way for step in steps}
    word = "weakened" if _WEAKER in ways else "changed" if _UNKNOWN in ways else "strengthened"
    return word, tuple(step.text for step in steps)


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[_Step]:
    severity = _severity(before), _severity(after)
    if severity[0] != severity[1]:
        way = _WEAKER if severity[1] == "warn" else _STRONGER
        yield _Step(way, f"severity {severity[0]} is now {severity[1]}")
    enabled = before.get("enabled") is not False, after.get("enabled") is not False
    if enabled[0] != enabled[1]:
        way = _STRONGER if enabled[1] else _WEAKER
        yield _Step(way, f"enabled is now {str(enabled[1]).lower()}")
    yield from _filter("where", before.get("where"), after.get("where"))
    for key in ("error_if", "warn_if"):
        yield from _threshold(key, before.get(key), after.get(key))
    for key in sorted({*before, *after} - _PASSIVE):
        was, is_ = before.get(key), after.get(key)
        if was != is_ and (was or is_):
            yield _Step(_UNKNOWN, f"{key}: {_short(was)} is now {_short(is_)}")


def _severity(settings: Mapping[str, Any]) -> str:
    return str(settings.get("severity") or "error").lower()


def _filter(key: str, was: Any, is_: Any) -> Iterator[_Step]:
    one, two = " ".join(str(was or "").split()), " ".join(str(is_ or "").split())
    if one == two:
        return
    if not one:
        yield _Step(_WEAKER, f"{key} added: {_short(two)}")
    elif not two:
        yield _Step(_STRONGER, f"{key} removed: {_short(one)}")
    else:
        yield _Step(_UNKNOWN, f"{key}: {_short(one)} is now {_short(two)}")


def _threshold(key: str, was: Any, is_: Any) -> Iterator[_Step]:
    one, two = str(was or "!= 0").strip(), str(is_ or "!= 0").strip()
    if one.split() == two.split():
        return
    least = _least(one), _least(two)
    if least[0] == least[1] is not None:
        return
    if least[0] is None or least[1] is None:
        way = _UNKNOWN
    else:
        way = _WEAKER if least[1] > least[0] else _STRONGER
    yield _Step(way, f"{key} {one} is now {two}")


def _least(text: str) -> int | None:
    """Return the fewest failing rows that count; None when the expression is another one."""
    match = _THRESHOLD.fullmatch(text.strip())
    if match is None:
        return None
    sign, number = match.group(1), int(match.group(2))
    if sign in ("!=", "<>"):
        return 1 if number == 0 else None
    return number + 1 if sign == ">" else number


def _arguments(before: Test, after: Test) -> Iterator[_Step]:
    one, two = _tidy(before), _tidy(after)
    forbids = bool(_FORBIDS.search(after.type_name))
    for key in sorted({*one, *two}):
        was, is_ = one.get(key), two.get(key)
        if was == is_:
            continue
        if key in _FILTERS:
            yield from _filter(key, was, is_)
        elif key in _SETS and isinstance(was, list) and isinstance(is_, list):
            yield from _set(key, was, is_, _STRONGER if forbids else _WEAKER)
        elif key in _COLUMNS and isinstance(was, list) and isinstance(is_, list):
            yield from _set(key, was, is_, _WEAKER)
        else:
            text = f"{key}: {_short(was)} is now {_short(is_)}"
            yield _Step(_by_number(key, was, is_), text)


def _tidy(test: Test) -> dict[str, Any]:
    arguments = dict(test.arguments)
    arguments.pop("arguments", None)
    return {k: v for k, v in arguments.items() if k not in _NOT_ARGUMENTS and v not in (None, "")}


def _set(key: str, was: list[Any], is_: list[Any], if_more: int) -> Iterator[_Step]:
    one, two = {str(v) for v in was}, {str(v) for v in is_}
    more = [str(v) for v in is_ if str(v) not in one]
    less = [str(v) for v in was if str(v) not in two]
    if more:
        yield _Step(if_more, f"{key}: {_listed(more)} added")
    if less:
        yield _Step(-if_more, f"{key}: {_listed(less)} removed")


def _by_number(key: str, was: Any, is_: Any) -> int:
    """Tell which way a bound moved; a bound that is gone asks for less."""
    if key not in _MORE_IS_WEAKER and key not in _LESS_IS_WEAKER:
        return _UNKNOWN
    if is_ is None:
        return _WEAKER
    if was is None:
        return _STRONGER
    try:
        grew = float(is_) > float(was)
    except (TypeError, ValueError):
        return _UNKNOWN
    return _WEAKER if grew == (key in _MORE_IS_WEAKER) else _STRONGER


def _listed(values: list[str]) -> str:
    shown = ", ".join(_short(value, 40) for value in values[:6])
    return shown if len(values) <= 6 else f"{shown} and {len(values) - 6} more"


def _short(value: Any, limit: int = 80) -> str:
    text = "nothing" if value is None else " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
