"""The answer of `review`: frozen, and ready to be printed."""

from __future__ import annotations

import enum

import msgspec

from analytics_tools.artifacts.nodes import Record
from analytics_tools.changes import Break, NodeChange
from analytics_tools.diff import RelationChange
from analytics_tools.impact import Contact


class Verdict(enum.StrEnum):
    """What to do with the change, in a word."""

    SAFE = "safe"
    LOOK = "look"
    BREAKS = "breaks"


class Item(Record, frozen=True):
    """A node that a reason is about. `detail` says what of it, `columns` which of its columns."""

    unique_id: str
    name: str
    kind: str
    detail: str = ""
    columns: tuple[str, ...] = ()


class Reason(Record, frozen=True):
    """One rule of the verdict that applies, and to what. `level` is ``look`` or ``breaks``."""

    level: Verdict
    rule: str
    items: tuple[Item, ...] = ()


class Consumer(Record, frozen=True):
    """An exposure, metric or saved query that feels the change.

    `effect` is ``breaks``, ``may break`` or ``other values``. `via` are the unique ids of what it
    stands on and that changes or breaks.
    """

    unique_id: str
    name: str
    kind: str
    owner: str
    effect: str
    via: tuple[str, ...]


class TestChange(Record, frozen=True):
    """What became of one test.

    `change` is added, removed, disabled, enabled, weakened, strengthened, changed (which can't be
    told to be weaker or stronger) or replaced (a constraint holds what it asked). `why` says what
    differs; for a removed one ``with its column`` or ``with its model`` where that is so.
    """

    unique_id: str
    name: str
    kind: str
    change: str
    on: str
    column: str
    why: tuple[str, ...] = ()

    @property
    def is_loss(self) -> bool:
        """Whether less is tested than before, or may be."""
        if self.kind == "unit_test":
            return self.change in ("removed", "disabled") and not self.goes_along
        lost = ("removed", "disabled", "weakened", "changed")
        return self.change in lost and not self.goes_along

    @property
    def goes_along(self) -> bool:
        """Whether what it tested is gone too."""
        return bool(self.why) and self.why[0].startswith("with its ")


class DeductionChange(Record, frozen=True):
    """A rule that deducts more or less from a model: 0 means not at all."""

    unique_id: str
    name: str
    rule: str
    before: int
    after: int
    message: str
    fix: str


class ModelScoreChange(Record, frozen=True):
    """A model that scores otherwise than it did; None on the side that lacks it."""

    unique_id: str
    name: str
    before: int | None
    after: int | None


class ScoreChange(Record, frozen=True):
    """The project's score on both sides, and what makes the difference.

    `before` is None without a base, and for a project without models. `models` are those whose
    score differs, `deductions` those that do.
    """

    before: float | None
    after: float | None
    scored: int
    models: tuple[ModelScoreChange, ...] = ()
    deductions: tuple[DeductionChange, ...] = ()
    note: str = ""

    @property
    def worse(self) -> tuple[DeductionChange, ...]:
        """Deductions that are new or cost more."""
        return tuple(one for one in self.deductions if one.after > one.before)

    @property
    def better(self) -> tuple[DeductionChange, ...]:
        """Deductions that are gone or cost less."""
        return tuple(one for one in self.deductions if one.after < one.before)


class Failure(Record, frozen=True):
    """A node whose run failed or warned.

    `sql` is the compiled code, `before` its status in base.
    """

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int | None
    file: str
    sql: str
    before: str


class Timing(Record, frozen=True):
    """How long a relation took to build, and how many rows it got; None where it isn't known."""

    unique_id: str
    name: str
    seconds: float | None
    base_seconds: float | None
    rows: int | None
    base_rows: int | None


class BuildResult(Record, frozen=True):
    """What head's run did.

    `ran` is False when there are no run results; all else is empty then. `counts` are by kind and
    status, ``model success``. `missing` are the unique ids of what had to be built and wasn't.
    """

    ran: bool
    seconds: float | None = None
    base_seconds: float | None = None
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    warnings: tuple[Failure, ...] = ()
    skipped: tuple[str, ...] = ()
    relations: tuple[Timing, ...] = ()
    missing: tuple[str, ...] = ()


class ColumnData(Record, frozen=True):
    """How many of the rows on both sides hold another value in this column."""

    name: str
    changed: int
    share: float


class Example(Record, frozen=True):
    """A row that differs: its key, and for every column that does what it held and holds.

    `side` is ``changed``, ``lost`` or ``added``. Values are text; masked ones are dots.
    """

    side: str
    key: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str, str], ...] = ()


class DataDiff(Record, frozen=True):
    """How the rows of one relation differ between two warehouses.

    `key` are the columns rows are matched by, empty where nothing proves any to be unique: then
    `lost` and `added` count whole rows, each as often as it stands there, and no column is told.
    `skipped` says why more than counting was not done, empty when it was.
    """

    unique_id: str
    name: str
    rows_before: int | None
    rows_after: int | None
    key: tuple[str, ...] = ()
    lost: int = 0
    added: int = 0
    changed: int = 0
    columns: tuple[ColumnData, ...] = ()
    examples: tuple[Example, ...] = ()
    masked: tuple[str, ...] = ()
    skipped: str = ""
    note: str = ""

    @property
    def differs(self) -> bool:
        """Whether any row differs, as far as was looked."""
        return bool(self.lost or self.added or self.changed or self.rows_before != self.rows_after)


class Box(Record, frozen=True):
    """A node of the picture. `state` is breaks, changed, affected, added, removed or around."""

    unique_id: str
    name: str
    kind: str
    state: str


class Picture(Record, frozen=True):
    """The touched part of the graph. An edge is (from, to, whether nothing is left out between)."""

    nodes: tuple[Box, ...] = ()
    edges: tuple[tuple[str, str, bool], ...] = ()
    left_out: int = 0


class Scope(Record, frozen=True):
    """What had to be built, what was, and what stayed, as unique ids.

    `rebuild` is what can differ; `built` what the run of head built. `kept` are those that hold the
    same as in base, of which `looks` were edited in looks or words only.
    """

    rebuild: tuple[str, ...] = ()
    built: tuple[str, ...] = ()
    kept: int = 0
    looks: tuple[str, ...] = ()
    tests: int = 0


class Review(Record, frozen=True):
    """Everything a reviewer has to know, the verdict first."""

    verdict: Verdict
    has_base: bool
    reasons: tuple[Reason, ...]
    consumers: tuple[Consumer, ...]
    contacts: tuple[Contact, ...]
    breaks: tuple[Break, ...]
    nodes: tuple[NodeChange, ...]
    schema: tuple[RelationChange, ...]
    tests: tuple[TestChange, ...]
    score: ScoreChange
    build: BuildResult
    data: tuple[DataDiff, ...]
    scope: Scope
    picture: Picture
    unread: dict[str, str]
    notes: tuple[str, ...]
    names: dict[str, str]
