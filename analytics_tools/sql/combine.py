"""Putting relations together: unions, distinct rows, groups, and what nobody sees through."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from analytics_tools.sql.relation import (
    ANY,
    Branch,
    How,
    Leaf,
    Open,
    Relation,
    Rows,
    Value,
    decided,
    h,
    merge,
)


def union(
    left: Relation, right: Relation, columns: dict[str, Value], reads: frozenset[str]
) -> Relation:
    """UNION ALL: branches in an order of their own, so that theirs in the text doesn't matter."""
    parts = [*_branches(left), *_branches(right)]
    deciders = decided(left.deciders, right.deciders)
    in_text = [text for part in parts for text in (part.seq, *part.columns)]
    parts.sort(key=lambda part: (part.bag, part.columns, part.rows))
    made = {
        name: value.become(h("union", *(part.columns[place] for part in parts)))
        for place, (name, value) in enumerate(columns.items())
    }
    rows, bag = (
        Rows(h("union", *ids))
        for ids in zip(*((part.rows, part.bag) for part in parts), strict=True)
    )
    rows = replace(rows, repeated=bag) if bag.id != rows.id else rows
    seq = Rows(h("union in order", rows.base, *in_text))
    return Relation(made, rows, seq, (), deciders, reads, branches=tuple(parts))


def _branches(relation: Relation) -> tuple[Branch, ...]:
    columns = tuple(value.id for value in relation.columns.values())
    # Those it has already serve as long as nothing was done to rows or columns since.
    if relation.branches and not relation.rows.conditions:
        kept = relation.branches
        if columns == tuple(h("union", *c) for c in zip(*(b.columns for b in kept), strict=True)):
            return kept
    rows = relation.rows
    return (Branch(rows.id, relation.seq.id, rows.with_repeated().id, columns),)


def by_name(left: Relation, right: Relation) -> tuple[Relation, Relation]:
    """Return two sides of a UNION BY NAME with the same columns in the same order."""
    if left.open or right.open:
        return left, right
    names = {**left.columns, **{k: v for k, v in right.columns.items() if k not in left.columns}}

    def filled(side: Relation) -> Relation:
        columns = {
            key: side.columns.get(key, Value(h("null"), value.name)) for key, value in names.items()
        }
        same = list(columns) == list(side.columns)
        return side if same else replace(side, columns=columns, branches=())

    return filled(left), filled(right)


def distinct(relation: Relation) -> Relation:
    """Return the relation without repeated rows: as if grouped by all its columns.

    They come out as they are hashed, which hangs on the order of the columns as well.
    """
    ids = [value.id for value in relation.columns.values()]
    keys = frozenset(ids)
    seq = Rows(h("group", relation.seq.id, *ids))
    if any(key <= keys for key in relation.unique):
        return replace(relation, seq=seq, branches=())
    bag = relation.rows.with_repeated()
    rows = replace(grouped(bag, keys), repeated=bag)
    leaves = {leaf for value in relation.columns.values() for leaf in value.edges}
    deciders = decided(relation.deciders, by=leaves, way="distinct")
    return replace(
        relation, rows=rows, seq=seq, deciders=deciders, unique=frozenset({keys}), branches=()
    )


def grouped(rows: Rows, keys: Iterable[str]) -> Rows:
    """Return rows grouped by `keys`; that a key is not null may as well be asked afterwards."""
    plain, idle = rows.split(keys)
    return Rows(h("group", plain.id, *sorted(keys)), idle)


def opaque(made: str, inputs: list[Relation]) -> Relation:
    """Return something that depends on all of its inputs in a way nobody sees through."""
    edges: dict[Leaf, How] = {}
    for relation in inputs:
        merge(edges, relation.all_edges, How.COMPUTED)
        merge(edges, {(uid, ANY): How.COMPUTED for uid in relation.reads}, How.COMPUTED)
    rows = Rows(h("rows", made))
    opened = Open(made, "", edges)
    deciders = decided(*(r.deciders for r in inputs), by=edges, way="unknown")
    reads: frozenset[str] = frozenset().union(*(r.reads for r in inputs))
    return Relation({}, rows, rows, (opened,), deciders, reads)
