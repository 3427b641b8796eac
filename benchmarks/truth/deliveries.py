"""Landings of this repository's project in which an edit that could change a result does change it.

On top of the sample data every day brings edge rows: copies of rows already there in which one
column is otherwise (null, another row's value, one more, one less, blank, upper case), as a version
that is newer, older or of the same moment, loaded before, on and after the limits of a look-back;
and as a thing of its own, of a customer nobody else names: once alone, and once behind the row as
it was, as its newer version or as the next thing of the same customer. What is so of its own has
rows of other tables that name it, among others and alone. Twins are two versions of one moment and
one load that differ in two columns: where one of these no longer tells which comes first, the other
shows which did. What is restated is delivered on a later day as if it had always been otherwise. So
no column and no order of columns is without a row that tells, and what happens to a row can be seen
wherever its customer, its order or its plan is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

_ROWS = 8  # of each kind
# Of an edge row's load time, in seconds before the newest one: the look-back is three days.
_BEFORE = (0, 0, 0, 1, 86_400, 172_800, 259_199, 259_200, 259_201, 432_000, 864_000, 8_640_000)
_FIRST = "timestamp '1900-01-01 03:00:00'"  # what runs begin with that find nothing there
_NEWER = ("{0}", "{0} + to_hours(1)", "{0} - to_hours(1)")
_VARIANTS = {
    "BIGINT": ("null", "{other}", "{0} + 1", "0", "-{0}", "{0} + 500000000"),
    "INTEGER": ("null", "{other}", "{0} + 1", "0", "-{0}"),
    "VARCHAR": ("null", "{other}", "''", "upper({0}) || ' '", "{0} || 'x'"),
    "BOOLEAN": ("null", "not coalesce({0}, false)"),
    "TIMESTAMP": ("null", "{other}", "{0} - to_seconds(1)", "{0} - to_days(40)", "{0} + to_days(9)",
                  "{0} + to_days(5000)", "date_trunc('day', {0})"),
    "DATE": ("null", "{other}", "{0} - 1"),
}  # fmt: skip

# A little less and a little more of a value; of an e-mail the first is none.
_NEAR = {
    "BIGINT": ("{0} - 1", "{0} + 1"),
    "INTEGER": ("{0} - 1", "{0} + 1"),
    "VARCHAR": ("'!@ ' || {0}", "{0} || 'x'"),
    "BOOLEAN": ("false", "true"),
    "TIMESTAMP": ("{0} - to_seconds(1)", "{0} + to_seconds(1)"),
    "DATE": ("{0} - 1", "{0} + 1"),
}
_NULLS = ("null", "''")
_NONE = {"VARCHAR": "''"}
_PAIRS = 2  # rows of each kind that have the row as it was before them
_STRANGE = 900_000_000  # keys from here on are of things that come as edges alone
_TWINS, _RESTATED = 200_000, 400_000  # numbers of theirs, from which keys are made
_APART = 1_000  # more than a key of the sample: edges' keys lie so far from one another
_AT_ONCE = 200  # queries in one statement
_EDGES = 10_000  # more than a table has
_ALONE = 5 * _STRANGE  # from here on, of what names them and stands alone


@dataclass(frozen=True)
class Raw:
    """A raw table: its key and the time of a version, that of its load, and whose a row is.

    `together` are changes of several columns that only together keep the table's contract, `names`
    the columns that hold another table's key. `happened` is when a thing that has no later version
    was so. Of columns `filled` without a rule in staging a constraint would stop the build.
    """

    key: str
    updated: str
    whose: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    loaded: str = "_airbyte_extracted_at"
    deleted: str = ""
    filled: tuple[str, ...] = ()
    happened: str = ""


_FIVETRAN = {"loaded": "_fivetran_synced", "deleted": "_fivetran_deleted"}
_CDC = "_ab_cdc_deleted_at"
_CUSTOMER = ("customer_id",)
_CUSTOMERS, _ORDERS = ("customer_id", "crm/customers"), ("order_id", "orders/orders")
_PRODUCTS = ("product_id", "orders/products")
RAW: dict[str, Raw] = {
    "ads/daily_spend": Raw("campaign", ""),
    "billing/invoices": Raw("invoice_id", "updated_at", _CUSTOMER, names=(_CUSTOMERS, _ORDERS)),
    "billing/payments": Raw("payment_id", "paid_at", names=(("invoice_id", "billing/invoices"),)),
    "billing/plans": Raw("plan_id", "updated_at"),
    "billing/refunds": Raw("refund_id", "refunded_at", names=(("payment_id", "billing/payments"),)),
    "billing/subscription_changes": Raw("change_id", "effective_at",
                                        ("subscription_id", "customer_id"),
                                        names=(_CUSTOMERS, ("plan_id", "billing/plans"))),
    "crm/accounts": Raw("account_id", "updated_at", **_FIVETRAN),
    "crm/customers": Raw("customer_id", "updated_at",
                         names=(("account_id", "crm/accounts"),), **_FIVETRAN),
    "crm/deletion_requests": Raw("request_id", "requested_at", _CUSTOMER, **_FIVETRAN),
    "maestroqa/groups": Raw("group_id", "updated_at", **_FIVETRAN),
    "maestroqa/total_scores": Raw("conversation_id", "updated_at", _CUSTOMER,
                                 names=(_CUSTOMERS,), **_FIVETRAN),
    "orders/orders": Raw(
        "order_id", "updated_at", _CUSTOMER, (
            "subtotal_cents + 100 as subtotal_cents, total_cents + 100 as total_cents",
            "discount_cents + 10 as discount_cents, total_cents - 10 as total_cents",
            "discount_cents + 10 as discount_cents, tax_cents + 10 as tax_cents",
            "tax_cents + 10 as tax_cents, total_cents + 10 as total_cents",
            "subtotal_cents + 7 as subtotal_cents, discount_cents + 7 as discount_cents",
        ), names=(_CUSTOMERS, ("store_id", "orders/stores")), deleted=_CDC,
    ),
    "orders/order_items": Raw("order_item_id", "updated_at", names=(_ORDERS, _PRODUCTS),
                              deleted=_CDC),
    "orders/product_categories": Raw("category", "updated_at", names=(_PRODUCTS,), deleted=_CDC),
    "orders/products": Raw("product_id", "updated_at", deleted=_CDC, filled=("is_active",)),
    "orders/stores": Raw("store_id", "updated_at", deleted=_CDC, filled=("country_code",)),
    "web/events": Raw("event_id", "received_at", ("anonymous_id", "user_id"),
                      names=(("user_id", "crm/customers"), _ORDERS), happened="occurred_at"),
}  # fmt: skip


def add_edges(landing: Path, day: int, since: Path) -> None:
    """Add a file of edge rows to every table of a landing.

    Args:
        since: the landing built last, from whose newest load time a run looks back.
    """
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    for name, table in RAW.items():
        newest = connection.execute(
            f"select max({table.loaded}) from '{since / name}/part_2*.parquet'"  # noqa: S608
        ).fetchone()
        _add(connection, landing, name, newest[0], day)
    for name, table in RAW.items():
        for column, other in table.names:
            _name(connection, landing, name, column, other, f"edges_{day}", day)


def name_them(landing: Path, day: int) -> None:
    """Add rows for everything there are twins of, and for what is restated."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    for name, table in RAW.items():
        for column, other in table.names:
            for kind in ("twins", "restated") if RAW[other].updated else ():
                _name(connection, landing, name, column, other, kind, day)


def add_twins(landing: Path, since: Path) -> None:
    """Add a file of twins to every table that has versions.

    Args:
        since: as for edges.
    """
    for name, table in RAW.items():
        if table.updated:
            _write(landing, since, name, "twins", _twins)


def restate(landing: Path, since: Path, again: bool) -> None:
    """Add a file of rows to every table that has versions, as they were or as they are restated.

    Args:
        since: the landing of before, from whose rows both are made.
        again: whether they are restated.
    """
    for name, table in RAW.items():
        if table.updated:
            _write(landing, since, name, "restated", partial(_restated, again=again))


def _write(
    landing: Path, since: Path, name: str, kind: str, made: Callable[..., list[list[str]]]
) -> None:
    """Write rows of a kind: several of each row of a landing, by what to replace in each."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    table, every = RAW[name], f"'{since / name}/part_2*.parquet'"
    (newest,) = connection.execute(f"select max({table.loaded}) from {every}").fetchone() or ()  # noqa: S608
    replaced = made(name, _types(connection, every), f"timestamp '{newest}' as {table.loaded}")
    connection.execute(
        f"create table picked as select *, lead(t, 3, t) over turn as other, "  # noqa: S608
        f"row_number() over turn as n from (select distinct * from {every}) as t "
        f"window turn as (order by hash(t::varchar))"
    )
    connection.execute("create table made as select * exclude (n, other) from picked limit 0")
    (count,) = connection.execute("select count(*) from picked").fetchone() or ()
    selects = [
        f"(select * exclude (n, other) replace ({text}) from picked where n = {1 + place % count})"  # noqa: S608
        for place, texts in enumerate(replaced)
        for text in texts
    ]
    for start in range(0, len(selects), _AT_ONCE):
        some = " union all ".join(selects[start : start + _AT_ONCE])
        connection.execute(f"insert into made {some}")
    connection.execute(f"copy made to '{landing / name / kind}.parquet' (format parquet)")


def _twins(name: str, types: dict[str, str], loaded: str) -> list[list[str]]:
    """Return pairs of versions, the second otherwise in two columns."""
    table, found = RAW[name], []
    ways = _ways(types, table)
    for column, before, after in ways:
        for other, first, text in ways:
            if column == other or first or text == "null":
                continue
            own = _own(name, types, _TWINS, len(found))
            one = {**own, **({column: before} if before else {})}
            two = {**own, column: after, other: text}
            found.append([", ".join(f"{value} as {key}" for key, value in side.items())
                          for side in (one, two)])  # fmt: skip
    return [[f"{text}, {loaded}" for text in texts] for texts in found]


def _restated(name: str, types: dict[str, str], loaded: str, again: bool) -> list[list[str]]:
    """Return rows that are to be restated, or are, each in one column."""
    found = []
    for column, before, after in _ways(types, RAW[name]) * _ROWS:
        own = _own(name, types, _RESTATED, len(found))
        change = after if again else before
        row = {**own, **({column: change} if change else {})}
        found.append([", ".join(f"{value} as {key}" for key, value in row.items())])
    return [[f"{text}, {loaded}" for text in texts] for texts in found]


def _own(name: str, types: dict[str, str], first: int, turn: int) -> dict[str, str]:
    """Return keys that nothing else has."""
    number = first + _EDGES * [*RAW].index(name) + turn
    table = RAW[name]
    known = {
        one: f"coalesce({one}, {_NONE.get(types[one], 0)})" for one in (table.key, *table.whose)
    }
    return {one: _new(text, types[one], number) for one, text in known.items()}


def _ways(types: dict[str, str], table: Raw) -> list[tuple[str, str, str]]:
    """Return in what a version may differ from another: a column, and what it is in each."""
    found = []
    for name, type_ in types.items():
        if name in (table.key, table.updated, table.loaded, table.deleted):
            continue
        if name not in table.filled:
            found.append((name, "", "null"))
        found.append((name, "", f"other.{name}"))
        if name in table.whose:
            continue
        near = [text.format(name) for text in _NEAR.get(type_, ())]
        found += [(name, "", text) for text in near]
        if near and name not in table.filled:
            found.append((name, "null", near[0]))
    return found


def forget(landing: Path, tables: tuple[str, ...], day: int) -> None:
    """Take one row of twenty, with all its versions, out of some tables, without a word."""
    connection = duckdb.connect()
    for name in tables:
        every = landing / name / "*.parquet"
        kept = landing / name / "kept.parquet.new"
        connection.execute(
            f"copy (select * from '{every}' "  # noqa: S608
            f"where coalesce(hash({_key(name)}, {day}) % 20 <> 0, true)) "
            f"to '{kept}' (format parquet)"
        )
        for path in (landing / name).glob("*.parquet"):
            path.unlink()
        kept.rename(kept.with_suffix(""))


def empty(landing: Path, out: Path) -> None:
    """Write a landing of the same tables without a row: what a project is first built on."""
    connection = duckdb.connect()
    for name in RAW:
        (out / name).mkdir(parents=True)
        every, path = landing / name / "*.parquet", out / name / "part.parquet"
        connection.execute(f"copy (select * from '{every}' limit 0) to '{path}' (format parquet)")  # noqa: S608


def copy(landing: Path, out: Path) -> None:
    """Copy a landing."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(landing, out)


def _key(name: str) -> str:
    return {"crm/customers": "customer_id", "orders/products": "product_id"}[name]


def _add(connection: Any, landing: Path, name: str, newest: Any, day: int) -> None:
    table, folder = RAW[name], landing / name
    before = _EDGES * [*RAW].index(name)
    every = f"'{folder}/part_2*.parquet'"
    types = _types(connection, every)
    rows = connection.execute(f"select count(*) from {every}").fetchone()[0]  # noqa: S608
    apart = max(1, rows // (2 * _ROWS))
    loaded = f"timestamp '{newest}' - to_seconds({list(_BEFORE)}[1 + (dice % {len(_BEFORE)})::int])"
    selects = [
        f"(select * exclude (dice, other) replace ({edge}) from picked "  # noqa: S608
        f"where dice % {apart} = {number * 7919 % apart} limit {count})"
        for number, (count, edges) in enumerate(_edges(types, table, loaded, before))
        for edge in edges
    ]
    connection.execute(
        f"copy (with rows as materialized (select distinct * from {every}), "  # noqa: S608
        f"picked as materialized (select t.*, (hash(t::varchar, {day}) >> 8)::bigint as dice, "
        f"lag(t, 3, t) over (order by hash(t::varchar, {day})) as other from rows as t) "
        f"{' union all '.join(selects)}) to '{folder}/edges_{day}.parquet' (format parquet)"
    )


def _name(
    connection: Any, landing: Path, name: str, column: str, other: str, kind: str, day: int
) -> None:
    """Add rows for everything of its own in another table, that name it and are new.

    One stands among what its customer has, and one alone.
    """
    rows, edges = f"'{landing / name}/part_2*.parquet'", landing / other / f"{kind}.parquet"
    key, own = RAW[name].key, RAW[other].key
    types = _types(connection, rows)
    whose = [one for one in RAW[name].whose if one != column]
    place = _place(name, column)
    among, alone = (
        ", ".join([f"stranger as {column}", *(_named(one, types[one], column, at) for one in new)])
        for new, at in (((key,), place), ((key, *whose), place + _ALONE))
    )
    selects = [
        f"select rows.* exclude (n) replace ({replaced}) from strange "  # noqa: S608
        "join rows on rows.n = 1 + strange.n % (select count(*) from rows)"
        for replaced in ((among, alone) if whose else (among,))
    ]
    connection.execute(
        f"copy (with strange as (select {own} as stranger, row_number() over (order by {own}) as n "  # noqa: S608
        f"from (select distinct {own} from '{edges}' where {own} >= {_STRANGE})), "
        f"rows as (select *, row_number() over (order by hash(t::varchar, {day})) as n "
        f"from {rows} as t where {column} is not null) "
        f"{' union all '.join(selects)}) "
        f"to '{landing / name}/named_{column}_{kind}.parquet' (format parquet)"
    )


def _named(one: str, type_: str, column: str, place: int) -> str:
    """Return a key for a row that names what is strange in a column."""
    new = f"stranger + {place}"
    return f"{one} || '-{column}-' || ({new}) as {one}" if type_ == "VARCHAR" else f"{new} as {one}"


def _place(name: str, column: str) -> int:
    """Return from where on the keys lie of the rows that name what is strange in one column."""
    return _STRANGE * 10 * (1 + [one for one, _ in RAW[name].names].index(column))


def _types(connection: Any, rows: str) -> dict[str, str]:
    """Return the type of every column."""
    columns = connection.execute(f"describe select * from {rows}").fetchall()  # noqa: S608
    return {name: type_.partition("(")[0] for name, type_, *_ in columns}


def _edges(
    types: dict[str, str], table: Raw, loaded: str, before: int
) -> list[tuple[int, list[str]]]:
    """Return the kinds of edge rows: how many rows of it, and what to replace in each, in turn.

    Args:
        before: how many edges are numbered already, of other tables.
    """
    found = [f"{table.loaded} as {table.loaded}"] * 2  # as it is, once more
    pairs = []
    for name, type_ in types.items():
        if name == table.loaded:
            found += [f"null as {name}", f"{loaded} - to_days(1) as {name}"]
            turn = before + len(found)
            own = "".join(f", {_new(o, types[o], turn)} as {o}" for o in (table.key, *table.whose))
            found.append(f"{_FIRST} as {name}{own}")
            continue
        for variant in _VARIANTS.get(type_, ("null",)):
            if name in table.filled and variant in _NULLS:
                continue
            text = f"{variant.format(name, other=f'other.{name}')} as {name}"
            for newer in _NEWER if table.updated and name != table.updated else ("",):
                moved = f", {newer.format(table.updated)} as {table.updated}" if newer else ""
                found.append(f"{text}{moved}, {loaded} as {table.loaded}")
            own = [one for one in (table.key, *table.whose) if one != name]
            turn = before + len(found)
            new = "".join(f", {_new(one, types[one], turn)} as {one}" for one in own)
            found.append(f"{text}{new}, {loaded} as {table.loaded}")
            turn = before + _EDGES // 2 + 2 * len(pairs)
            pairs += _pairs(name, text, types, table, loaded, turn)
    for text in table.together:
        for newer in _NEWER:
            moved = newer.format(table.updated)
            found.append(f"{text}, {moved} as {table.updated}, {loaded} as {table.loaded}")
    found += [f"{loaded} as {table.loaded}"] * 4  # delivered again
    if table.deleted:
        moment = table.updated if table.deleted == _CDC else "true"
        moved = f"{table.updated} + to_hours(2)"
        gone = f"{moment} as {table.deleted}, {moved} as {table.updated}"
        found += [f"{gone}, {loaded} as {table.loaded}"] * 4
    return [*((_ROWS, [edge]) for edge in found), *((_PAIRS, edges) for edges in pairs)]


def _pairs(
    name: str, text: str, types: dict[str, str], table: Raw, loaded: str, number: int
) -> list[list[str]]:
    """Return rows as they are, each with one behind it that is otherwise in one column.

    Both are of their own: two versions of one thing, and two things of one customer.
    """
    if not table.updated or name in (table.key, table.updated, table.happened):
        return []
    own = (table.key, *table.whose)
    late = [one for one in (table.updated, table.happened) if one]
    found = []
    for is_version in (True, False) if table.whose else (True,):
        first = number + 2 * len(found)
        rows = []
        for turn in (0, 1):
            keys = {o: first if o != table.key or is_version else first + turn for o in own}
            # Whose a row is must be known before it can be nobody's.
            known = {one: f"coalesce({one}, {_NONE.get(types[one], 0)})" for one in keys}
            new = [f"{_new(known[one], types[one], at)} as {one}"
                   for one, at in keys.items() if not turn or one != name]  # fmt: skip
            moved = [f"{one} + to_minutes({10 * turn}) as {one}" for one in late]
            rows.append(", ".join([*new, *moved, *[text] * turn, f"{loaded} as {table.loaded}"]))
        found.append(rows)
    return found


def _new(name: str, type_: str, number: int) -> str:
    """Return a value of a key that no other edge of any table has."""
    place = _STRANGE + _APART * number
    return f"{name} || '-{number}'" if type_ == "VARCHAR" else f"{name} + {place}"
