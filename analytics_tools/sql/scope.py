"""What a name means at one place of a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from analytics_tools.sql.flags import FILLED, OR_NULL
from analytics_tools.sql.relation import (
    ONE,
    Default,
    Edges,
    Follows,
    How,
    Leaf,
    Open,
    Relation,
    Rows,
    Value,
    decided,
    h,
    merge,
    quoted,
)


@dataclass
class Item:
    """One thing in a FROM: the name it goes by, and its columns as the whole row sees them.

    `merged` are columns joined by USING, which a bare star shows once.
    """

    key: str
    columns: dict[str, Value]
    open: tuple[Open, ...]
    reads: frozenset[str]
    merged: set[str] = field(default_factory=set)

    def get(self, key: str, name: str) -> Value | None:
        """Return the column of that name, if the thing has it or may have it."""
        value = self.columns.get(key)
        if value is not None:
            return value
        found = [part.get(key, name) for part in self.open if key not in part.hidden]
        return either(found, name) if found else None

    def from_inside(self) -> Item:
        """Return the thing as a query within this one sees it: it may read the same thing anew."""
        columns = {key: outer(value) for key, value in self.columns.items()}
        opened = tuple(part.wrapped("outer") for part in self.open)
        return Item(self.key, columns, opened, self.reads, self.merged)

    def wrap(self, *tag: str, always: bool = False) -> None:
        """Mark the columns as those of a thing that a join may have left out.

        Args:
            always: it has a row all the same.
        """
        kept = FILLED | OR_NULL if always else OR_NULL
        self.columns = {key: _marked(value, tag, kept) for key, value in self.columns.items()}
        self.open = tuple(part.wrapped(*tag) for part in self.open)


def _marked(value: Value, tag: tuple[str, ...], kept: int) -> Value:
    return Value(
        h(*tag, value.id), value.name, value.edges, value.type, value.sure, value.facts & kept,
        default=_wrapped(tag, value),
    )  # fmt: skip


def _wrapped(tag: tuple[str, ...], value: Value) -> Default | None:
    """Return of what a column is COALESCE, each marked as the column is; None if of nothing."""
    default = value.default
    if default is None or default[3] != value.id:
        return None
    return h(*tag, default[0]), default[1], "", h(*tag, value.id)


def outer(value: Value) -> Value:
    """Return a value of the query around."""
    return Value(h("outer", value.id), value.name, value.edges, value.type, value.sure)


def either(values: list[Value], name: str) -> Value:
    """Return a value that may be any of several."""
    if len({value.id for value in values}) == 1:
        return values[0]
    edges: dict[Leaf, How] = {}
    for value in values:
        merge(edges, value.edges, How.COPIED)
    return Value(h("either", *(value.id for value in values)), name, edges, sure=False)


@dataclass
class Scope:
    """The things in a FROM, joined so far, and what lies around them."""

    items: list[Item] = field(default_factory=list)
    rows: Rows = ONE
    seq: Rows = ONE
    deciders: dict[Leaf, frozenset[str]] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    unique: frozenset[frozenset[str]] = frozenset()
    follows: Follows = ()
    width: int = 0
    parent: Scope | None = None
    # Whether what is around is another query: ORDER BY and LIMIT look around in their own.
    is_inner: bool = True
    # Finds a column of the select list by its alias, where the dialect lets one use that.
    alias: Callable[[str], Value | None] = lambda _: None
    locals: tuple[str, ...] = ()
    # Set when the query aggregates: the id of what is grouped, without and with its order, and
    # without how often a row is there.
    grouped: tuple[str, ...] | None = None
    # By what it is grouped; and says what is aggregated beside it: an aggregate that takes any row
    # may take another one then.
    keys: frozenset[str] = frozenset()
    beside: Callable[[], str] = str
    alias_first: bool = False
    # Says how the windows of the query divide and order its rows, in the order of the text; nothing
    # where all do it in one way.
    specs: Callable[[], list[str]] = list
    # Values that a condition found not null; keys of the rows before they were grouped; whether
    # they were grouped by something.
    filled: frozenset[str] = frozenset()
    single: frozenset[frozenset[str]] = frozenset()
    keyed: bool = False
    # How often its columns became others since it was opened.
    turn: int = 0
    # Whether all that comes out of the query beside a window is among some values.
    told: Callable[[frozenset[str], object], bool] = lambda *_: False
    # Columns by which a RIGHT or FULL JOIN joined with USING: the bare name is neither side's own.
    joined: dict[str, Value] = field(default_factory=dict)

    def fact(self, one: str) -> int:
        """Return what conditions make certain of a value here."""
        return FILLED if one in self.filled else 0

    def following(self, told: frozenset[str]) -> frozenset[str]:
        """Return the values that are one and the same wherever all of `told` are equal."""
        found: frozenset[str] = frozenset()
        while True:
            known = told | found
            more = found.union(*(values for key, values in self.follows if key <= known))
            if more == found:
                return found
            found = more

    def wrap(self, *tag: str) -> None:
        """Mark all columns so far, as `Item.wrap` does those of one thing."""
        for item in self.items:
            item.wrap(*tag)
        self.joined = {key: _marked(value, tag, OR_NULL) for key, value in self.joined.items()}

    def decide(self, leaves: Iterable[Leaf], way: str) -> None:
        """Note that `leaves` decide which rows there are."""
        self.deciders = decided(self.deciders, by=leaves, way=way)

    def item(self, key: str) -> Item | None:
        """Return the thing of that name, here or around."""
        for item in self.items:
            if item.key == key:
                return item
        found = self.parent.item(key) if self.parent else None
        return found.from_inside() if found and self.is_inner else found

    def column(self, key: str, name: str) -> Value | None:
        """Return what the bare name stands for, or None."""
        own = self._own(key, name)
        alias = self.alias(key) if own is None or self.alias_first else None
        if alias is not None and own is not None and self.alias_first:
            return either([own, alias], name)
        if own is not None:
            return own
        if alias is not None:
            return alias
        found = self.parent.column(key, name) if self.parent else None
        return outer(found) if found and self.is_inner else found

    def _own(self, key: str, name: str) -> Value | None:
        if key in self.joined:
            return self.joined[key]
        listed = [item.columns[key] for item in self.items if key in item.columns]
        if listed:
            return listed[0] if len(listed) == 1 or self._is_merged(key) else either(listed, name)
        opened = [value for item in self.items if (value := item.get(key, name)) is not None]
        if not opened:
            return None
        # What is open may or may not have the column: then it is the alias that is meant.
        alias = self.alias(key)
        return either([*opened, alias] if alias is not None else opened, name)

    def is_ambiguous(self, key: str) -> bool:
        """Whether several of the things here have a column of that name, and none is meant."""
        if key in self.joined or key in self.locals or self._is_merged(key):
            return False
        if self.alias_first and self.alias(key) is not None:
            return False
        return sum(key in item.columns for item in self.items) > 1

    def _is_merged(self, key: str) -> bool:
        return any(key in item.merged for item in self.items)

    def nodes(self) -> tuple[str, ...]:
        """Return the nodes that are read here."""
        return tuple(sorted({uid for item in self.items for uid in item.reads}))

    @property
    def is_open(self) -> bool:
        """Whether a name that nobody lists may exist all the same."""
        scope: Scope | None = self
        while scope is not None:
            if any(item.open for item in scope.items):
                return True
            scope = scope.parent
        return False


def item_of(key: str, relation: Relation) -> Item:
    """Return a relation as a thing in a FROM."""
    return Item(key, dict(relation.columns), relation.open, relation.reads)


def missing(name: str) -> Value:
    """Return what stands in for a column that isn't there."""
    edges: Edges = {}
    return Value(h("missing", quoted(name.lower())), name, edges, sure=False)
