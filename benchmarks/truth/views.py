"""Views that must be made anew though a build shows them the same.

dbt leaves a view that it doesn't build as it was defined, and that shows what it reads as that is
by then. A build from nothing makes them all anew, on the rows of one day, and so can't tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any

import duckdb

from analytics_tools.changes.side import Side
from analytics_tools.lineage.texts import reads

_MOST = 3_000  # rows of a relation that are looked at
_AGAIN = 7  # of so many rows, one comes once more
_DIGITS = 10  # of a double: the last ones hang on the order in which it was summed


def made_anew(
    base: Side,
    head: Side,
    differing: Collection[str],
    noisy: Mapping[str, set[str]],
    opened: Callable[[], AbstractContextManager[Any]],
) -> set[str]:
    """Return the views of both versions that must be made anew, whatever they show today.

    Args:
        differing: nodes that hold something else in head.
        noisy: columns by unique id that no two builds have alike.
        opened: gives a connection to what base built.
    """
    views = [
        uid
        for uid in base.project.models.keys() & head.project.models.keys()
        if base.project.models[uid].materialized == head.project.models[uid].materialized == "view"
    ]
    there, built = ({one.relation_name for one in side.project.relations.values()}
                    for side in (base, head))  # fmt: skip
    found = {uid for uid in views if _read(base, uid).keys() - built}
    edited = [
        uid
        for uid in sorted({*views} - found - {*differing})
        if len({"", base.code.node(uid).compiled, head.code.node(uid).compiled}) > 2
        and not {*_read(base, uid).values(), *_read(head, uid).values()} & {*differing}
        and _read(head, uid).keys() <= there
    ]
    if not edited:
        return found
    with opened() as connection:
        other = _OtherRows(base, connection)
        for uid in edited:
            names = sorted({*_read(base, uid), *_read(head, uid)})
            sqls = [side.code.node(uid).compiled for side in (base, head)]
            if other.tell_apart(*sqls, names, noisy.get(uid, set())):
                found.add(uid)
    return found


def _read(side: Side, uid: str) -> dict[str, str]:
    """Return the relations that a node reads, through ephemeral models, with their unique ids."""
    known = side.project.relations
    above = [one for one in reads(side.project, uid) if one in known]
    return {name: one for one in above if (name := known[one].relation_name)}


class _OtherRows:
    """Relations as they are when the tables below them hold other rows.

    Of those some come twice, and values are mixed. What base's SQL makes of them is made of them.
    """

    def __init__(self, base: Side, connection: Any) -> None:
        self._base, self._connection = base, connection
        self._known: dict[tuple[str, bool], str] = {}
        self._uids = {str(one.relation_name): uid for uid, one in base.project.relations.items()}
        connection.execute("set threads = 1")

    def tell_apart(self, one: str, two: str, names: list[str], noisy: Collection[str]) -> bool:
        """Whether two queries give other rows. Not where one fails, or goes by the order of rows:
        then nothing is known."""
        try:
            tables = [{n: self._mixed(n, turned) for n in names} for turned in (False, True)]
            rows = [self._rows(sql, by_name, noisy) for sql in (one, two) for by_name in tables]
        except duckdb.Error:
            return False
        return rows[0] == rows[1] != rows[2] == rows[3]

    def _rows(self, sql: str, tables: Mapping[str, str], noisy: Collection[str]) -> list[str]:
        result = self._connection.execute(_with(sql, tables))
        places = {one[0]: place for place, one in enumerate(result.description)}
        kept = [places[name] for name in sorted(places) if name not in noisy]
        return sorted(repr([_plain(row[place]) for place in kept]) for row in result.fetchall())

    def _mixed(self, name: str, turned: bool) -> str:
        """Return the name of a table like a relation, with other rows below it."""
        if (name, turned) not in self._known:
            node = self._base.project.models.get(self._uids[name])
            code = self._base.code.node(self._uids[name]).compiled
            if node is not None and node.materialized in ("table", "view") and code:
                above = _read(self._base, node.unique_id)
                sql = _with(code, {one: self._mixed(one, turned) for one in above})
            else:
                sql = self._mix(name, turned)
            made = f"mixed_{len(self._known)}"
            self._connection.execute(f"create temp table {made} as {sql}")
            self._known[name, turned] = f"temp.{made}"
        return self._known[name, turned]

    def _mix(self, name: str, turned: bool) -> str:
        columns = self._connection.execute(f"describe select * from {name}").fetchall()  # noqa: S608
        mixed = ", ".join(
            f'lag("{column[0]}", {1 + place}) over (order by place_) as "{column[0]}"'
            for place, column in enumerate(columns)
        )
        first = f"select * from {name} limit {_MOST}"  # noqa: S608
        return (
            f"with first_ as materialized ({first}), "  # noqa: S608
            "placed as materialized (select *, row_number() over () as place_ from first_), "
            "mixed as (select * exclude (place_) from placed "
            f"union all select * exclude (place_) from placed where place_ % {_AGAIN} = 0 "
            f"union all select {mixed} from placed) "
            f"select * from mixed order by hash(mixed::varchar) {'desc' if turned else 'asc'}"
        )


def _with(sql: str, tables: Mapping[str, str]) -> str:
    """Return a query that reads other tables."""
    for name, table in tables.items():
        sql = sql.replace(name, table)
    return sql


def _plain(value: Any) -> Any:
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else value
