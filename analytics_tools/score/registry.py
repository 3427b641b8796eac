"""How a function becomes a rule."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from analytics_tools.artifacts import Model
from analytics_tools.errors import UsageError, one_line
from analytics_tools.layers import Layer
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding

Check = Callable[[Model, Facts], Finding | None]
Among = Callable[[Facts], Collection[str]]

# Packages name the modules with their rules here, in their own pyproject.toml.
ENTRY_POINTS = "analytics_tools.rules"
_PART = re.compile(r"^(Bad|Good|Fix):[ \t]*", re.MULTILINE)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,}")


@dataclass(frozen=True)
class Rule:
    """A rule: a stable code, its area, the most it can cost, and the function that checks it.

    All words come from the function's docstring: the first line is the title, what follows the
    rationale, and the parts after ``Bad:``, ``Good:`` and ``Fix:`` are what they say. `layers` and
    `materialized` are those of the models it speaks of; empty means all. `among` returns the unique
    ids of those it can find something in; None means all.
    """

    code: str
    area: Area
    points: int
    check: Check
    documentation: str
    layers: frozenset[Layer] = frozenset()
    materialized: frozenset[str] = frozenset()
    among: Among | None = None

    def speaks_of(self, layer: Layer | None, materialized: str) -> bool:
        """Whether the rule has anything to say of models in a layer that are stored in a way."""
        return (not self.layers or layer in self.layers) and (
            not self.materialized or materialized in self.materialized
        )

    @functools.cached_property
    def title(self) -> str:
        """What the rule asks for, on one line."""
        return self.documentation.split("\n", 1)[0].rstrip(".")

    @property
    def rationale(self) -> str:
        """Why, what it costs, and where the rule keeps silent."""
        rest = self.documentation.partition("\n")[2]
        return _PART.split(rest)[0].strip()

    def part(self, name: str) -> str:
        """Return the text after ``Bad:``, ``Good:`` or ``Fix:``; empty when there is none."""
        parts = _PART.split(self.documentation)
        found = dict(zip(parts[1::2], parts[2::2], strict=True))
        return inspect.cleandoc("\n" + found.get(name, "").strip("\n"))


_RULES: dict[str, Rule] = {}


def rule(
    code: str,
    area: Area,
    points: int,
    *,
    layers: Collection[Layer] = (),
    materialized: Collection[str] = (),
    among: Among | None = None,
) -> Callable[[Check], Check]:
    """Register the decorated function as the rule `code`, costing `points` at most.

    Args:
        layers: the function is asked about models in these layers alone; empty means all.
        materialized: likewise, by how a model is stored: ``("view", "ephemeral")``.
        among: likewise, by unique id: takes the `Facts` and returns those of all models that the
            function can find something in.

    Raises:
        ValueError: the code is taken, or the function has no docstring to explain itself with.
    """

    def register(check: Check) -> Check:
        text = inspect.cleandoc(check.__doc__ or "")
        known = _RULES.get(code)
        if known and known.check.__module__ == check.__module__ and known.documentation == text:
            return check  # the module was imported twice
        if not text or known or not _CODE.fullmatch(code):
            raise ValueError(f"rule {code} needs a docstring and a code of its own, like SHOP001")
        speaks_of = frozenset(map(Layer, layers)), frozenset(materialized)
        _RULES[code] = Rule(code, Area(area), points, check, text, *speaks_of, among)
        return check

    return register


def registered_rules() -> tuple[Rule, ...]:
    """Return all rules registered so far, our own and others', by code."""
    import analytics_tools.score.rules  # noqa: F401  (importing registers them)

    return tuple(_RULES[code] for code in sorted(_RULES))


def load_rules(modules: tuple[str, ...] = (), installed: bool = True) -> tuple[Rule, ...]:
    """Import the modules named, and those of installed packages, and return all rules.

    Raises:
        UsageError: a module can't be imported, or registers a rule badly.
    """
    names = dict.fromkeys(modules)
    if installed and _somebody_may_plug_in():
        from importlib.metadata import entry_points

        names |= dict.fromkeys(sorted(point.value for point in entry_points(group=ENTRY_POINTS)))
    registered_rules()
    for name in names:
        try:
            import_module(name)
        except Exception as error:
            raise UsageError(
                f"the rules of module {name} can't be loaded: {one_line(str(error))}"
            ) from None
    return registered_rules()


def _somebody_may_plug_in() -> bool:
    """Whether an installed package's list of entry points names our group.

    Asking `importlib.metadata` takes ten times as long, and mostly nobody has any.
    """
    for place in map(Path, sys.path):
        if place.is_file():
            return True  # an archive, which we don't look into
        for listing in place.glob("*-info/entry_points.txt"):
            try:
                if ENTRY_POINTS.encode() in listing.read_bytes():
                    return True
            except OSError:
                pass  # unreadable to whoever asks
    return False


def rule_named(code: str, rules: tuple[Rule, ...]) -> Rule:
    """Return the rule with that code. Raises UsageError, with codes that come near."""
    for one in rules:
        if one.code == code.upper():
            return one
    import difflib

    near = difflib.get_close_matches(code.upper(), [one.code for one in rules], n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"no rule has the code {code!r}{hint}")
