"""What DuckDB itself says of a project's SQL, bound to empty tables.

What belongs here: queries that DuckDB binds, so that names and types are resolved, and that never
run. The tables have the columns that a catalog lists, or those that the SQL of what they are
yields. Where a type above isn't known, or DuckDB isn't installed, nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from analytics_tools.artifacts.nodes import Model, Source
from analytics_tools.changes.sandbox import Sandbox, place_of, words_of
from analytics_tools.lineage.texts import is_ephemeral
from analytics_tools.sql.dialect import delimited

if TYPE_CHECKING:
    from analytics_tools.artifacts import Relation
    from analytics_tools.lineage import Lineages

Listed: TypeAlias = Callable[[str], Mapping[str, str] | None]

# A function that nobody made, or a hook does.
MISSING = re.compile(r"Function with name \S+ does not exist")
NULL = '"NULL"'


class Said(NamedTuple):
    """What DuckDB says of a query: its columns with types, or why there are none.

    It isn't certain where another DuckDB may take it, or one in which a hook has made a function.
    """

    columns: Mapping[str, str]
    fault: str = ""
    certain: bool = True


class Bound:
    """One version's relations as empty tables and views.

    Args:
        listed: what a catalog lists of a node; None for what may be otherwise by now.
    """

    def __init__(self, lineages: Lineages, listed: Listed) -> None:
        self._lineages, self._project = lineages, lineages.project
        self._listed = listed
        # By unique id: what is there by now; None for what nobody knows the columns of.
        self._known: dict[str, Said | None] = {}
        self._sandbox = Sandbox(self._project.adapter)

    def of(self, uid: str) -> Said | None:
        """Say what DuckDB makes of a node's SQL; None where that can't be known."""
        if self._sandbox.connection is None:
            return None
        todo = [uid]
        while todo:
            one = todo[-1]
            missing = [p for p in self._above(one) if p not in self._known and p not in todo]
            if one in self._known or not missing:
                todo.pop()
                if one not in self._known:
                    self._known[one] = self._make(one)
            else:
                todo += missing
        return self._known[uid]

    def query(self, uid: str, sql: str) -> Said | None:
        """Say what DuckDB makes of a query that reads what a node does, a test's say."""
        known = [works(self.of(one)) for one in self._lineages.tables_of(uid)]
        return self._bind(sql) if self._sandbox.connection is not None and all(known) else None

    def over(self, uid: str, expression: str) -> Said | None:
        """Say what DuckDB makes of an expression over a node's columns."""
        if not works(self.of(uid)):
            return None
        place = place_of(self._project.relations[uid])
        return self._bind(f"select {expression} from {place}")  # noqa: S608

    def stored(self, uid: str) -> Mapping[str, str] | None:
        """Return the columns of what a node is stored as, with types; None where nobody knows."""
        if not works(self.of(uid)):
            return None
        said = self._bind(f"from {place_of(self._project.relations[uid])}")
        return said.columns if said else None

    def over_itself(self, uid: str, there: Mapping[str, str], text: str) -> Said | None:
        """Say what DuckDB makes of a later run of a node, whose own table is `there`."""
        from analytics_tools.lineage.later import NODES, SCHEMA

        named = {one for one in NODES.findall(text) if one != uid}
        if not all(works(self.of(one)) for one in named):
            return None
        self._sandbox.run(f"create schema if not exists {delimited(SCHEMA)}")
        for one in named:
            place = f"{delimited(SCHEMA)}.{delimited(one)}"
            node = self._project.relations[one]
            self._sandbox.run(f"create or replace view {place} as from {place_of(node)}")
        own = f"{delimited(SCHEMA)}.{delimited(uid)}"
        return self._bind(text) if self._filled(own, there) else None

    def against(self, old: Mapping[str, str], new: Mapping[str, str], condition: str) -> str:
        """Return why a condition over two tables doesn't work; empty where it does, or may."""
        if not self._filled("old", old) or not self._filled("new", new):
            return ""
        return surely(
            self._bind(f"select 1 from old as old, new as new where {condition}")  # noqa: S608
        )

    def fits(self, value: object, type_: str) -> bool:
        """Whether a value of a unit test can be cast to a type."""
        import duckdb

        try:
            self._sandbox.connection.execute(f"select cast(? as {type_})", [value]).fetchall()
        except duckdb.Error:
            return False
        return True

    # -- relations -----------------------------------------------------------------------------

    def _above(self, uid: str) -> list[str]:
        """Return what has to be there first."""
        is_first = uid.startswith(("seed.", "source.")) or self._listed(uid) is not None
        return [] if is_first else self._lineages.tables_of(uid)

    def _make(self, uid: str) -> Said | None:
        node = self._project.relations.get(uid)
        if node is None or (isinstance(node, Source) and uid in self._lineages.names.external):
            return None
        listed = self._listed(uid)
        if listed is not None:
            return Said(listed) if self._table(node, listed) else None
        sql = self._lineages.sql_of(uid)
        if not sql or any(not works(self._known.get(one)) for one in self._above(uid)):
            return None
        found = self._bind(sql)
        if found is None or found.fault or is_ephemeral(node):
            return found
        if isinstance(node, Model) and node.materialized == "view":
            if self._sandbox.ready(node):
                self._sandbox.run(f"create or replace view {place_of(node)} as {sql}")
        else:
            self._table(node, {**found.columns, **self._of_history(uid, found)})
        return found

    def _of_history(self, uid: str, found: Said) -> dict[str, str]:
        """Return the columns that dbt adds to a snapshot."""
        if not uid.startswith("snapshot."):
            return {}
        known = {key.lower(): type_ for key, type_ in found.columns.items()}
        updated = self._lineages.code.node(uid).settings.get("updated_at")
        time = known.get(str(updated).lower(), "TIMESTAMP")
        return {
            value.name: "VARCHAR" if value.type.startswith("text") else time
            for key, value in self._lineages.reading(uid).relation.columns.items()
            if key.lower() not in known
        }

    def _table(self, node: Relation, columns: Mapping[str, str]) -> bool:
        return self._sandbox.ready(node) and self._filled(place_of(node), columns)

    def _filled(self, place: str, columns: Mapping[str, str]) -> bool:
        """Make an empty table; say whether it could be made."""
        types = {name: self._sandbox.type_(type_) for name, type_ in columns.items()}
        if not types or not all(types.values()):  # what is no type may be anything
            return False
        # A column that is null alone has no type yet, in a table of DuckDB 2 as well.
        cells = (
            f"null{'' if type_ == NULL else f'::{type_}'} as {delimited(name)}"
            for name, type_ in types.items()
        )
        made = f"create or replace table {place} as select {', '.join(cells)} limit 0"
        return self._sandbox.run(made)

    # -- DuckDB --------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of DuckDB."""
        self._sandbox.close()

    def _bind(self, sql: str) -> Said | None:
        """Have a query bound; None for what DuckDB doesn't know here, such as another table."""
        import duckdb

        try:
            asked = self._sandbox.query(sql)
            if asked is None:
                return None
            found = self._sandbox.connection.sql(asked)
            return Said(dict(zip(_apart(found.columns), map(str, found.types), strict=True)))
        except (duckdb.BinderException, duckdb.ParserException) as error:
            return Said({}, words_of(error), "deprecated" not in str(error).lower())
        except duckdb.CatalogException as error:
            return Said({}, words_of(error), False) if MISSING.search(str(error)) else None
        except (duckdb.Error, ValueError, RuntimeError):
            return None


def surely(said: Said | None) -> str:
    """Return a fault that is certain; empty without one."""
    return said.fault if said is not None and said.certain else ""


def works(said: Said | None) -> bool:
    """Whether a query is known to work."""
    return said is not None and not said.fault


def _apart(names: Iterable[str]) -> Iterator[str]:
    """Tell columns of one name apart, as a table does."""
    seen: Counter[str] = Counter()
    for name in names:
        again = seen[name.lower()]
        seen[name.lower()] += 1
        yield f"{name}_{again}" if again else name
