# ruff: noqa: S608 - names are quoted, and nothing else from outside gets into the SQL
"""How the rows of a relation differ between two warehouses: one pass of SQL over both."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from analytics_tools.artifacts import CatalogColumn, Project
from analytics_tools.artifacts.nodes import Model, Snapshot
from analytics_tools.review.answer import ColumnData, DataDiff, Example
from analytics_tools.review.masking import MASK, Masks, without_quotes
from analytics_tools.review.warehouse import Place, QueryError, Warehouse
from analytics_tools.score.keys import folded, key_facts
from analytics_tools.sql.dialect import delimited

EXAMPLES = 3
_VALUE = 80
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
            "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE", "REAL")  # fmt: skip
_FLOATS = ("FLOAT", "DOUBLE", "REAL")
_TIMES = ("DATE", "TIMESTAMP")
_PLAIN = (*_NUMBERS, "BOOLEAN", *_TIMES, "TIME", "INTERVAL", "UUID")
# Floats that differ by less than this part of themselves were added up in another order.
_NOISE = "1e-9"


class Sides(NamedTuple):
    """What is compared: the unique id on both sides, and the relation on each."""

    uid: str
    name: str
    base: Place
    head: Place


class _Column(NamedTuple):
    """A column on both sides, as SQL expressions that can be compared."""

    name: str
    base: str
    head: str
    is_float: bool
    is_text: bool


def compare(
    warehouse: Warehouse,
    sides: Sides,
    keys: Collection[tuple[str, ...]],
    masks: Masks,
    limit: int | None,
) -> DataDiff:
    """Compare the rows of a relation.

    Args:
        keys: columns that something proves unique, the best first.
        limit: the most rows of either side that are compared; None compares any number.
    """
    diff = DataDiff(unique_id=sides.uid, name=sides.name, rows_before=None, rows_after=None)
    try:
        counts = [
            int(warehouse.rows(f"select count(*) from {place.name}")[0][0])
            for place in (sides.base, sides.head)
        ]
        diff = _with(diff, rows_before=counts[0], rows_after=counts[1])
        if limit is not None and max(counts) > limit:
            return _with(diff, skipped=f"more than {limit:,} rows; only counted")
        columns = _columns(sides)
        if not columns:
            return _with(diff, skipped="the two sides have no column in common")
        key, note = _key(warehouse, sides, keys, columns)
        if not key:
            return _by_rows(warehouse, sides, columns, _with(diff, note=note))
        return _by_key(warehouse, sides, key, columns, masks, _with(diff, note=note))
    except QueryError as error:
        return _with(diff, skipped=f"it can't be read: {without_quotes(str(error))}")


def keys_of(uid: str, projects: Iterable[Project]) -> list[tuple[str, ...]]:
    """Return what is proven unique of a node, narrowest and filled first, without repetition."""
    found: dict[tuple[str, ...], None] = {}
    for project in projects:
        node = project.nodes.get(uid)
        tests = project.tests_by_node.get(uid, ())
        if isinstance(node, Model):
            facts = key_facts(node, tests, project.adapter)
            proven = [facts.proven] if facts.proven else []
            for key in (*proven, *sorted(facts.keys, key=lambda k: len(k.columns))):
                found.setdefault(key.columns)
        elif isinstance(node, Snapshot):
            found.setdefault(("dbt_scd_id",))
        else:
            for test in tests:
                if test.type_name == "unique" and test.column_name:
                    found.setdefault((folded(test.column_name),))
    return [key for key in found if key]


def _with(diff: DataDiff, **fields: Any) -> DataDiff:
    import msgspec

    return msgspec.structs.replace(diff, **fields)


def _columns(sides: Sides) -> list[_Column]:
    """Pair the columns that both sides have, made comparable where their types aren't."""
    after = {folded(c.name): c for c in sides.head.table.in_order()}
    found = []
    for old in sides.base.table.in_order():
        new = after.get(folded(old.name))
        if new is None:
            continue
        one, two = delimited(old.name), delimited(new.name)
        floats = _is(old, _FLOATS) or _is(new, _FLOATS)
        numbers = _is(old, _NUMBERS) and _is(new, _NUMBERS)
        if old.type != new.type and not numbers and not (_is(old, _TIMES) and _is(new, _TIMES)):
            one, two = f"{one}::varchar", f"{two}::varchar"
        is_text = not (_is(old, _PLAIN) and _is(new, _PLAIN))
        found.append(_Column(new.name, one, two, numbers and floats, is_text))
    return found


def _is(column: CatalogColumn, kinds: tuple[str, ...]) -> bool:
    type_ = (column.type or "").upper()
    return type_.startswith(kinds) and not type_.endswith("]")


def _key(
    warehouse: Warehouse, sides: Sides, keys: Collection[tuple[str, ...]], columns: list[_Column]
) -> tuple[list[_Column], str]:
    """Return the first key that both sides really have, and a note where none does."""
    by_name = {folded(column.name): column for column in columns}
    note = "no key is tested" if not keys else ""
    for names in keys:
        if any(name not in by_name for name in names):
            continue
        key = [by_name[name] for name in names]
        if all(
            _is_unique(warehouse, place, [c.base if place is sides.base else c.head for c in key])
            for place in (sides.base, sides.head)
        ):
            return key, ""
        note = f"{', '.join(names)} is not unique"
    return [], note or "its key is not on both sides"


def _is_unique(warehouse: Warehouse, place: Place, key: list[str]) -> bool:
    columns = ", ".join(key)
    sql = (
        f"select count(*) from (select 1 from {place.name} group by {columns} "
        "having count(*) > 1 limit 1)"
    )
    return not warehouse.rows(sql)[0][0]


def _by_rows(
    warehouse: Warehouse, sides: Sides, columns: list[_Column], diff: DataDiff
) -> DataDiff:
    """Compare as bags of rows, each counted as often as it stands there."""
    one = ", ".join(f"{_rounded(c.base, c)} as c{i}" for i, c in enumerate(columns))
    two = ", ".join(f"{_rounded(c.head, c)} as c{i}" for i, c in enumerate(columns))
    base, head = f"select {one} from {sides.base.name}", f"select {two} from {sides.head.name}"
    lost, added = warehouse.rows(
        f"select (select count(*) from ({base} except all {head})), "
        f"(select count(*) from ({head} except all {base}))"
    )[0]
    return _with(diff, lost=int(lost), added=int(added))


def _rounded(sql: str, column: _Column) -> str:
    """Return an expression that rounds a float so that noise in its last digits is gone."""
    if not column.is_float:
        return sql
    wide = f"{sql}::double"
    digits = f"least(9 - floor(log10(abs({wide}))), 300)::int"
    sound = f"isfinite({wide}) and abs({wide}) > 1e-290"
    return f"case when {sound} then round({wide}, {digits}) else {wide} end"


def _joined(sides: Sides, key: list[_Column], rest: list[_Column]) -> str:
    """Return the full join of both sides; their columns are called by number, whatever they are."""
    parts = []
    for place, at in ((sides.base, 1), (sides.head, 2)):
        names = [f"{c[at]} as k{i}" for i, c in enumerate(key)]
        names += [f"{c[at]} as c{i}" for i, c in enumerate(rest)]
        parts.append(f"(select true as here, {', '.join(names)} from {place.name})")
    on = " and ".join(f"b.k{i} is not distinct from h.k{i}" for i in range(len(key)))
    return f"{parts[0]} as b full join {parts[1]} as h on {on}"


def _differs(place: int, column: _Column) -> str:
    b, h = f"b.c{place}", f"h.c{place}"
    if not column.is_float:
        return f"({b} is distinct from {h})"
    b, h = f"{b}::double", f"{h}::double"
    near = f"abs({b} - {h}) > {_NOISE} * greatest(abs({b}), abs({h}))"
    far = f"case when isfinite({b}) and isfinite({h}) then {near} else true end"
    return f"({b} is distinct from {h} and {far})"


def _by_key(
    warehouse: Warehouse,
    sides: Sides,
    key: list[_Column],
    columns: list[_Column],
    masks: Masks,
    diff: DataDiff,
) -> DataDiff:
    rest = [column for column in columns if column not in key]
    joined = _joined(sides, key, rest)
    tests = [_differs(place, column) for place, column in enumerate(rest)]
    both = "b.here and h.here"
    sums = [f"count(*) filter ({both} and {test})" for test in tests]
    any_ = f"count(*) filter ({both} and ({' or '.join(tests)}))" if tests else "0"
    row = warehouse.rows(
        "select count(*) filter (h.here is null), count(*) filter (b.here is null), "
        f"count(*) filter ({both}), {any_}{''.join(', ' + s for s in sums)} from {joined}"
    )[0]
    lost, added, common, changed = (int(value) for value in row[:4])
    told = [
        ColumnData(name=column.name, changed=int(n), share=round(int(n) / common, 6))
        for column, n in zip(rest, row[4:], strict=True)
        if n
    ]
    told.sort(key=lambda one: (-one.changed, one.name))
    hidden = {c.name for c in columns if masks.is_personal(sides.uid, c.name, c.is_text)}
    diff = _with(
        diff, key=tuple(c.name for c in key), lost=lost, added=added, changed=changed,
        columns=tuple(told),
    )  # fmt: skip
    if not diff.differs:
        return diff
    examples = _examples(warehouse, joined, key, rest, tests, hidden, diff)
    shown = {c.name for c in key} | {one.name for one in told}
    return _with(diff, examples=examples, masked=tuple(sorted(hidden & shown)))


def _examples(
    warehouse: Warehouse,
    joined: str,
    key: list[_Column],
    rest: list[_Column],
    tests: list[str],
    hidden: set[str],
    diff: DataDiff,
) -> tuple[Example, ...]:
    """Return a few rows of each kind, the lowest keys first; what is hidden isn't even fetched."""
    order = ", ".join(f"coalesce(b.k{i}, h.k{i})" for i in range(len(key)))
    found: list[Example] = []
    for side, count, where in (
        ("changed", diff.changed, f"b.here and h.here and ({' or '.join(tests)})"),
        ("lost", diff.lost, "h.here is null"),
        ("added", diff.added, "b.here is null"),
    ):
        if not count:
            continue
        names = [f"coalesce(b.k{i}, h.k{i})" for i in range(len(key))]
        shown = [_shown(name, c, hidden) for name, c in zip(names, key, strict=True)]
        if side == "changed":
            for place, (column, test) in enumerate(zip(rest, tests, strict=True)):
                shown += [test, _shown(f"b.c{place}", column, hidden),
                          _shown(f"h.c{place}", column, hidden)]  # fmt: skip
        rows = warehouse.rows(
            f"select {', '.join(shown)} from {joined} where {where} "
            f"order by {order} limit {EXAMPLES}"
        )
        found += [_example(side, row, key, rest) for row in rows]
    return tuple(found)


def _shown(sql: str, column: _Column, hidden: set[str]) -> str:
    if column.name in hidden:
        return f"case when {sql} is not null then '{MASK}' end"
    return f"left({sql}::varchar, {_VALUE})"


def _example(side: str, row: tuple[Any, ...], key: list[_Column], rest: list[_Column]) -> Example:
    names = tuple((column.name, _text(value)) for column, value in zip(key, row, strict=False))
    values = []
    if side == "changed":
        for place, column in enumerate(rest):
            differs, before, after = row[len(key) + 3 * place :][:3]
            if differs:
                values.append((column.name, _text(before), _text(after)))
    return Example(side=side, key=names, values=tuple(values))


def _text(value: Any) -> str:
    return "null" if value is None else str(value)
