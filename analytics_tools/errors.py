"""Every error the package foresees: one line that says which thing, what is wrong, what to do next.

The command line prints the line after ``error: `` and ends with the exit code of the class.
"""

from __future__ import annotations


class AnalyticsToolsError(Exception):
    """Base of all foreseen errors. ``str(error)`` is one printable line."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class ArtifactError(AnalyticsToolsError):
    """A file that dbt wrote (or should have written) is missing, unreadable or of another kind."""


class UsageError(AnalyticsToolsError):
    """The words of the command make no sense together."""


class UnknownNodeError(UsageError):
    """No node of the project answers to that name."""


class AmbiguousNameError(UsageError):
    """Several nodes of the project answer to that name."""


def one_line(message: str, limit: int = 600) -> str:
    """Return `message` on one line, control characters blanked, cut at `limit` characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
