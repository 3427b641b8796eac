"""What `add` answers: the files it writes, what it saw, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_tools.scaffold.proposals import Proposal


@dataclass(frozen=True)
class Change:
    """A file as it will be; `before` is its text now, None for a new one. Paths have no root.

    `data` stands for `text` in a file that is none.
    """

    path: str
    text: str
    before: str | None = None
    data: bytes | None = None

    @property
    def is_new(self) -> bool:
        return self.before is None


@dataclass(frozen=True)
class Added:
    """A new thing of the project.

    `notes` say what was decided or left out, one sentence each; `next` is a command to go on with.
    """

    kind: str
    name: str
    changes: tuple[Change, ...]
    proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    next: str = ""
