"""What a query means, as far as its text tells: rows, and columns as functions of a row.

Everything has an id, a hash of what it is computed from. Two ids are equal only if the values are
the same for the same data: names, formatting and the way a query is cut into CTEs don't enter.

- `Rows.id` stands for a bag of rows. A filter adds conjuncts to a base and leaves the columns as
  they were; everything else (joins, grouping, set operations) makes a new base.
- `Value.id` stands for a function of one such row.

So two relations hold the same data if their rows have one id, and their columns by pairs.
`Relation.seq` is like `rows` but knows the order of what is put together: it stands in for the
rows wherever a result depends on the order in which they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from hashlib import blake2b
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

# A column of a node: unique id and name. The name "*" means any of its columns.
Leaf: TypeAlias = tuple[str, str]
ANY = "*"


class How(IntEnum):
    """How a value comes from a column; of several ways the greatest is told."""

    COPIED = 0
    RENAMED = 1
    CAST = 2
    COMPUTED = 3
    AGGREGATED = 4


def h(*parts: str) -> str:
    """Return a hash of `parts` and of where each begins and ends."""
    text = "\x1f".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def quoted(text: str) -> str:
    """Return free text so that it can't be taken for anything else within `h`."""
    return repr(text)


def filled(one: str) -> str:
    """Return the id of the condition that a value is not null."""
    return h("filled", one)


def is_null(one: str) -> str:
    """Return the id of the condition that a value is null."""
    return h("Not", filled(one))


Default: TypeAlias = tuple[str, str, str, str]
# Values, and others that follow from them: two rows alike in the first are in the second.
Follows: TypeAlias = tuple[tuple[frozenset[str], frozenset[str]], ...]
Edges: TypeAlias = Mapping[Leaf, How]


class Value(Struct, frozen=True, array_like=True):
    """A column, or an expression: what it is, and which columns of nodes it is taken from.

    `name` is how it is shown. `type` is the family or type as far as it is known, else empty.
    `sure` is False where the edges are a guess. `facts` are what is certain of it: see `facts`.
    `clear` are the values that are never null where this one is. Of a COALESCE of
    two things, the second a literal, `default` are the ids of both, the literal's text if it is
    one, and the id of the whole: where that is not `id`, something else was made of it since.
    `needs` are values that are never null where this one isn't: what a cast was given. `unless` are
    conditions, by id, that hold all of them where it is null, and nowhere else; empty if unknown.
    """

    id: str
    name: str = ""
    edges: Edges = field(default_factory=dict)
    type: str = ""
    sure: bool = True
    facts: int = 0
    clear: frozenset[str] = frozenset()
    default: Default | None = None
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()

    def become(self, made: str) -> Value:
        """Return the value when something was made of it, of which less is certain."""
        none: frozenset[str] = frozenset()
        return replace(self, id=made, clear=none, needs=none, unless=none, default=None)


class Rows(Struct, frozen=True, array_like=True):
    """A bag of rows: a base, and the conditions that its rows have to meet.

    `strict` are the values that some condition finds not null: to ask that as well adds nothing.
    `repeated` are the rows before repeated ones were left out, if that is what the base is.
    """

    base: str
    conditions: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    repeated: Rows | None = None

    @property
    def id(self) -> str:
        """The hash of both."""
        return h("filter", self.base, *sorted(self.conditions)) if self.conditions else self.base

    def where(self, conditions: Iterable[str], strict: frozenset[str] = frozenset()) -> Rows:
        """Return the rows that meet `conditions` as well."""
        known = self.strict | strict
        idle = {filled(one) for one in known}
        return Rows(self.base, self.conditions.union(conditions) - idle, known, self.repeated)

    def have_null(self, value: Value) -> bool:
        """Whether the conditions say of a value that it is null in every row."""
        met = self.conditions | {filled(one) for one in self.strict}
        return is_null(value.id) in met or (bool(value.unless) and value.unless <= met)

    def with_repeated(self) -> Rows:
        """Return the rows as they are where repeated ones are not left out."""
        return self.repeated.where(self.conditions, self.strict) if self.repeated else self

    def split(self, keys: Iterable[str]) -> tuple[Rows, frozenset[str]]:
        """Return the rows without the conditions that a key is not null, and these."""
        idle = self.conditions & {filled(one) for one in keys}
        return (replace(self, conditions=self.conditions - idle) if idle else self), idle


ONE = Rows("one")  # the single row of an aggregate without groups


class Open(Struct, frozen=True, array_like=True):
    """Columns nobody has listed, of one thing. Whoever asks for one by name gets it.

    `node` is the node they belong to, empty for what is none; `edges` is where they come from then.
    `wraps` says what was done with them since. `hidden` are names that were taken away.
    """

    base: str
    node: str = ""
    edges: Edges = field(default_factory=dict)
    wraps: tuple[tuple[str, ...], ...] = ()
    hidden: frozenset[str] = frozenset()
    sure: bool = False

    def get(self, key: str, name: str) -> Value:
        """Return the column of that name."""
        made = h("leaf", self.base, quoted(key))
        for wrap in self.wraps:
            made = h(*wrap, made)
        edges: Edges = {(self.node, name): How.COPIED} if self.node else self.edges
        return Value(made, name, edges, sure=self.sure)

    def wrapped(self, *wrap: str) -> Open:
        """Return the same columns after something was done with them."""
        return replace(self, wraps=(*self.wraps, wrap))

    @property
    def id(self) -> str:
        """The hash of all of them."""
        flat = [part for wrap in self.wraps for part in ("wrap", *wrap)]
        return h("open", self.base, *flat, "hidden", *sorted(self.hidden))


class Relation(Struct, frozen=True, array_like=True):
    """What a query, a table or anything else in a FROM yields.

    `columns` is by folded name, in order. `deciders` are the columns that decide which rows there
    are, each with the ways it does. `unique` are sets of value ids of which each is a key.
    `width` counts the things joined in a row. `branches` are the parts of a UNION ALL. `follows`
    are values that each thing joined has alike wherever its key is.
    """

    columns: dict[str, Value]
    rows: Rows
    seq: Rows
    open: tuple[Open, ...] = ()
    deciders: Mapping[Leaf, frozenset[str]] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    unique: frozenset[frozenset[str]] = frozenset()
    width: int = 1
    branches: tuple[Branch, ...] = ()
    follows: Follows = ()

    @property
    def whole(self) -> str:
        """The hash of everything: rows, their order, and all columns, names as spelled."""
        return self._hash("whole", self.rows.id, self.seq.id)

    @property
    def bag(self) -> str:
        """The hash of everything but the order of the rows."""
        return self._hash("bag", self.rows.id)

    @property
    def content(self) -> str:
        """The hash of everything but the order of the rows, and of columns if all are known."""
        if self.open:
            return self.bag
        columns = sorted(h(value.name, value.id) for value in self.columns.values())
        return h("content", self.rows.id, *columns)

    def _hash(self, *first: str) -> str:
        columns = [
            part
            for key, value in self.columns.items()
            for part in (quoted(key), quoted(value.name), value.id)
        ]
        opened = [part.id for part in self.open]
        return h(*first, *columns, "open", *opened)

    @property
    def all_edges(self) -> dict[Leaf, How]:
        """Every column that any column or the rows are taken from."""
        found: dict[Leaf, How] = {}
        for value in self.columns.values():
            merge(found, value.edges, How.COMPUTED)
        for part in self.open:
            edges: Edges = {(part.node, ANY): How.COPIED} if part.node else part.edges
            merge(found, edges, How.COMPUTED)
        for leaf in self.deciders:
            found[leaf] = How.COMPUTED
        return found


class Branch(Struct, frozen=True, array_like=True):
    """One part of a UNION ALL: its rows, and the ids of its columns in order.

    `bag` are the rows as they are where repeated ones are not left out.
    """

    rows: str
    seq: str
    bag: str
    columns: tuple[str, ...]


def salted(relation: Relation, *salt: str) -> Relation:
    """Return a relation of which everything hangs on something more as well."""
    columns = {key: value.become(h(*salt, value.id)) for key, value in relation.columns.items()}
    return replace(
        relation,
        columns=columns,
        rows=Rows(h(*salt, relation.rows.id)),
        seq=Rows(h(*salt, relation.seq.id)),
        open=tuple(part.wrapped(*salt) for part in relation.open),
        branches=(),
        unique=frozenset(),
        follows=(),
    )


def reordered(relation: Relation, *why: str) -> Relation:
    """Return the same rows, in another order."""
    branches = (replace(one, seq=h(*why, one.seq)) for one in relation.branches)
    return replace(relation, seq=Rows(h(*why, relation.seq.id)), branches=tuple(branches))


def merge(into: dict[Leaf, How], edges: Edges, least: How) -> None:
    """Add `edges` to `into`, each at least as far from its origin as `least`."""
    for leaf, how in edges.items():
        far = how if how > least else least
        if into.get(leaf, How.COPIED) <= far:
            into[leaf] = far


def decided(
    *many: Mapping[Leaf, frozenset[str]], by: Iterable[Leaf] = (), way: str = ""
) -> dict[Leaf, frozenset[str]]:
    """Return what decides the rows: all of `many`, and the leaves `by` in the way `way`."""
    found: dict[Leaf, frozenset[str]] = {}
    for one in many:
        for leaf, ways in one.items():
            found[leaf] = found.get(leaf, frozenset()) | ways
    for leaf in by:
        found[leaf] = found.get(leaf, frozenset()) | {way}
    return found


def put(columns: dict[str, Value], key: str, value: Value) -> None:
    """Add a column; of two with one name the second is called ``name_1``, as DuckDB does."""
    if key not in columns:
        columns[key] = value
        return
    number = 1
    while f"{key}_{number}" in columns:
        number += 1
    columns[f"{key}_{number}"] = replace(value, name=f"{value.name}_{number}")
