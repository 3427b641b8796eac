"""Jinja that is rendered without a warehouse: what can't be known stands for itself.

An `Unknown` goes into text under a name made of how it came about, so that two renderings are alike
exactly if they ask for the same. Where a template branches on one, both ways are gone: `renderings`
tries every combination, as long as these are few.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from analytics_tools.sql.relation import h

_MOST_WAYS = 16
_MOST_CALLS = 100_000
# Asked of anything that is called; to have them means something.
_NOT_ASKED = ("unsafe_callable", "alters_data")


class UndecidedError(Exception):
    """A template can't be rendered without what is unknown."""


class Choices:
    """The ways taken where a template branches on something unknown, in one rendering."""

    def __init__(self, given: tuple[bool, ...]) -> None:
        self._given = given
        self.made: dict[str, bool] = {}

    def decide(self, name: str) -> bool:
        """Say which way to go; the same for the same question."""
        if name not in self.made:
            place = len(self.made)
            self.made[name] = self._given[place] if place < len(self._given) else True
        return self.made[name]


class Unknown:
    """A value that nobody knows before the run."""

    def __init__(self, choices: Choices, name: str) -> None:
        self._choices, self._name = choices, name

    def __str__(self) -> str:
        return f"unknown_{h(self._name)}"

    __repr__ = __str__

    def _of(self, *parts: object) -> Unknown:
        return Unknown(self._choices, h(self._name, *(repr(part) for part in parts)))

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith(("_", "jinja_")) or name in _NOT_ASKED:
            raise AttributeError(name)
        return self._of("attribute", name)

    def __getitem__(self, key: object) -> Unknown:
        return self._of("item", key)

    def __call__(self, *args: object, **named: object) -> Unknown:
        return self._of("call", *args, *sorted(named.items()))

    def __bool__(self) -> bool:
        return self._choices.decide(self._name)

    def __contains__(self, one: object) -> bool:
        return self._choices.decide(h(self._name, "has", repr(one)))

    def __iter__(self) -> Iterator[Any]:
        raise UndecidedError("it goes through what only the warehouse knows")

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> Any:
        return self._of("==", other)

    def __ne__(self, other: object) -> Any:
        return self._of("!=", other)


def _operator(name: str) -> Callable[[Unknown, object], Unknown]:
    return lambda one, *other: one._of(name, *other)


for _name in ("lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv",
              "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "neg", "pos"):  # fmt: skip
    setattr(Unknown, f"__{_name}__", _operator(_name))


class Sandbox(SandboxedEnvironment):
    """An environment where filters and tests of the unknown are unknown, and calls are counted."""

    def __init__(self) -> None:
        super().__init__(extensions=["jinja2.ext.do"], undefined=StrictUndefined)
        self._calls = 0
        self._codes: dict[str, CodeType] = {}
        self.filters = {name: _of_unknown(one, name, False) for name, one in self.filters.items()}
        self.tests = {name: _of_unknown(one, name, True) for name, one in self.tests.items()}

    def begin(self) -> None:
        """Start counting anew."""
        self._calls = 0

    def template(self, text: str, names: Mapping[str, Any]) -> Template:
        """Return a template in which `names` are known; its text is compiled once."""
        code = self._codes.get(text)
        if code is None:
            code = self._codes[text] = self.compile(text)
        return Template.from_code(self, code, dict(names))

    def call(self, context: Any, what: Any, /, *args: Any, **named: Any) -> Any:
        """Call something, unless that was done too often."""
        self._calls += 1
        if self._calls > _MOST_CALLS:
            raise UndecidedError("it calls too much")
        return super().call(context, what, *args, **named)


def _of_unknown(function: Any, name: str, is_test: bool) -> Any:
    @functools.wraps(function)
    def asked(*args: Any, **named: Any) -> Any:
        for one in args:
            if isinstance(one, Unknown):
                found = one._of(name, *(a for a in args if a is not one and _is_plain(a)))
                return bool(found) if is_test and name not in ("defined", "undefined") else found
        return function(*args, **named)

    return asked


def _is_plain(one: object) -> bool:
    return isinstance(one, str | int | float | bool | Unknown | None)


def renderings(render: Callable[[Choices], str]) -> dict[str, None]:
    """Return every text that may come of it, in order. Raises UndecidedError if they are many."""
    found: dict[str, None] = {}
    todo: list[tuple[bool, ...]] = [()]
    ways = 0
    while todo:
        given = todo.pop(0)
        choices = Choices(given)
        ways += 1
        if ways > _MOST_WAYS:
            raise UndecidedError("it hangs on too much that only the warehouse knows")
        found[render(choices)] = None
        made = tuple(choices.made.values())
        todo += [(*made[:place], False) for place in range(len(given), len(made))]
    return found
