"""How a function becomes a rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from analytics_tools.artifacts import Model
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding

Check = Callable[[Model, Facts], Finding | None]


@dataclass(frozen=True)
class Rule:
    """A rule: a stable code, its area, the most it can cost, and the function that checks it.

    The first line of the function's docstring is the title, the whole of it the documentation.
    """

    code: str
    area: Area
    points: int
    check: Check
    title: str
    documentation: str


_RULES: dict[str, Rule] = {}


def rule(code: str, area: Area, points: int) -> Callable[[Check], Check]:
    """Register the decorated function as the rule `code`, costing `points` at most."""

    def register(check: Check) -> Check:
        text = inspect.cleandoc(check.__doc__ or "")
        if not text or code in _RULES:
            raise ValueError(f"rule {code} needs a docstring and a code of its own")
        title = text.split("\n", 1)[0].rstrip(".")
        _RULES[code] = Rule(code, area, points, check, title, text)
        return check

    return register


def registered_rules() -> tuple[Rule, ...]:
    """Return all rules, by code."""
    import analytics_tools.score.rules  # noqa: F401  (importing registers them)

    return tuple(_RULES[code] for code in sorted(_RULES))
