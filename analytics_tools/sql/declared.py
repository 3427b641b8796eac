"""What the name of a type says, as a catalog or YAML writes it.

A parser knows; what it said is remembered by name, also from one run to the next, so that a run
that finds everything in the cache doesn't load one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

# A number, of nobody knows which type: a literal, or the cells of a file.
SURE_NUMBER = "number:Number of "
# Family, facts, and one spelling of all names that mean the type.
Said: TypeAlias = tuple[str, int, str]
_SAID: dict[str, Said] = {}


def family_of(name: str, dialect: str) -> str:
    """Return the type in the words of `families`; empty when it isn't known."""
    return _said(name, dialect)[0]


def facts_of(name: str, dialect: str) -> int:
    """Return what is certain of a column of a type."""
    return _said(name, dialect)[1]


def key_of(name: str, dialect: str) -> str:
    """Return a type as one spelling of all that mean it."""
    return _said(name, dialect)[2]


def said() -> Mapping[str, Said]:
    """Return all that was said of types so far."""
    return _SAID


def remember(known: Mapping[str, Said]) -> None:
    """Take what an earlier run was told."""
    for key, one in known.items():
        _SAID.setdefault(key, one)


def _said(name: str, dialect: str) -> Said:
    key = f"{dialect} {name}"
    found = _SAID.get(key)
    if found is None:
        from analytics_tools.sql import facts, families

        found = (
            families.of_name(name, dialect),
            facts.of_type_name(name, dialect),
            facts.type_key(name, dialect),
        )
        _SAID[key] = found
    return found
