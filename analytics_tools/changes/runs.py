"""What the later runs of incremental models do, on both sides, so that the two compare."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code
from analytics_tools.changes.macros import Macros
from analytics_tools.lineage.stored import Runs
from analytics_tools.lineage.texts import tidy

if TYPE_CHECKING:
    from analytics_tools.lineage.later import Later


class LaterRuns:
    """Says of a model that is incremental on both sides what its later runs do."""

    def __init__(
        self, base: tuple[Project, Code], head: tuple[Project, Code], macros: Macros
    ) -> None:
        self._sides, self._macros = (base, head), macros
        self._known: dict[str, tuple[Runs, Runs] | None] = {}
        self.unknown: dict[str, str] = {}

    def of(self, uid: str) -> tuple[Runs, Runs] | None:
        """Return what they do in base and in head; None for what isn't incremental in both."""
        if uid not in self._known:
            self._known[uid] = self._found(uid) if self._is_incremental(uid) else None
        return self._known[uid]

    def on(self, side: int) -> Callable[[str], Runs | None]:
        """Return what asks for those of base (0) or head (1)."""

        def ask(uid: str) -> Runs | None:
            both = self.of(uid)
            return both[side] if both else None

        return ask

    def differ(self, uid: str) -> bool:
        """Whether they may do something else in head."""
        found = self.of(uid)
        return found is not None and found[0] != found[1]

    def _is_incremental(self, uid: str) -> bool:
        nodes = [project.models.get(uid) for project, _ in self._sides]
        return all(
            node is not None
            and node.materialized == "incremental"
            and (node.language or "sql") == "sql"
            for node in nodes
        )

    def _found(self, uid: str) -> tuple[Runs, Runs]:
        codes = [code.node(uid) for _, code in self._sides]
        above = [project.parents.get(uid, ()) for project, _ in self._sides]
        # A batch takes what its inputs say of their own time.
        batches = any(one.settings.get("incremental_strategy") == "microbatch" for one in codes)
        wholes = above if batches else [(), ()]
        if not any(self._macros.asks_for_mode(one) for one in codes):
            return Runs(wholes=wholes[0]), Runs(wholes=wholes[1])  # every run does the same
        made = self._rendered(uid)
        if made:
            one, two = (
                replace(runs, wholes=(*runs.wholes, *whole))
                for runs, whole in zip(made, wholes, strict=True)
            )
            return one, two
        written = [(tidy(one.raw), *self._macros.called(one)) for one in codes]
        return Runs((), written[0], above[0]), Runs((), written[1], above[1])

    def _rendered(self, uid: str) -> list[Runs]:
        """Return what a later run sends on each side; nothing where that can't be told."""
        from analytics_tools.lineage.jinja import UndecidedError

        one, two = (code.node(uid) for _, code in self._sides)
        above = [project.parents.get(uid) for project, _ in self._sides]
        same = above[0] == above[1] and self._macros.same(one, two)
        found = []
        try:
            for later in self._later[: 1 if same else 2]:
                texts = later.texts(uid)
                wholes = tuple(sorted(later.asked.get(uid, ())))
                words = tuple(sorted(later.words.get(uid, ())))
                found.append(Runs(texts, (), wholes, words))
        except UndecidedError as error:
            self.unknown[uid] = str(error)
            return []
        return found * 2 if same else found

    @cached_property
    def _later(self) -> list[Later]:
        from analytics_tools.lineage.later import Later

        return [Later(*side) for side in self._sides]
