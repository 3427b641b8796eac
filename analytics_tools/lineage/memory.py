"""Where statements are kept that were read before, by content."""

from __future__ import annotations

from typing import Protocol

from analytics_tools.sql.statement import Statement


class Memory(Protocol):
    """What keeps statements."""

    def get(self, key: str) -> Statement | None: ...

    def put(self, key: str, statement: Statement) -> None: ...


class Remembered:
    """A memory of statements that lasts as long as the process."""

    def __init__(self, behind: Memory | None = None) -> None:
        self._known: dict[str, Statement] = {}
        self._behind = behind

    def get(self, key: str) -> Statement | None:
        """Return the statement of that key, if it was read before."""
        found = self._known.get(key)
        return found if found is not None or self._behind is None else self._behind.get(key)

    def put(self, key: str, statement: Statement) -> None:
        """Keep a statement."""
        self._known[key] = statement
        if self._behind is not None:
            self._behind.put(key, statement)
