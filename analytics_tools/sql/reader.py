"""Reading one statement, from its text to what it yields."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from analytics_tools.sql.combine import opaque
from analytics_tools.sql.core import CannotReadError
from analytics_tools.sql.dialect import parse
from analytics_tools.sql.literals import Texts
from analytics_tools.sql.query import Reader, Tables
from analytics_tools.sql.relation import Relation, h, quoted, salted
from analytics_tools.sql.statement import Statement


def read(
    sql: str,
    dialect: str,
    tables: Tables,
    named: Callable[[str, Relation], Relation] = lambda _, relation: relation,
    rounded: bool = False,
) -> Statement:
    """Read a statement.

    Args:
        tables: returns what a table named in it is.
        named: called with the name of each CTE and what it yields; returns what to take for it.
        rounded: whether sums that may end in another last digit are taken for the same.

    Raises:
        UnreadableSqlError: the parser can't make sense of it.
    """
    tree = parse(sql, dialect)
    reader = Reader(dialect, tables, named, sql, rounded)
    try:
        relation = reader.statement(tree)
        if reader.left_out and (relation.open or reader.shows_left_out(relation)):
            reader = Reader(dialect, tables, named, sql, rounded, leaves_out=False)
            relation = reader.statement(tree)
    except CannotReadError as error:
        return _unread(tree, str(error), tables, reader.texts)
    except (RecursionError, AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        return _unread(tree, f"{type(error).__name__} while reading it", tables, reader.texts)
    if reader.volatile:
        # Tied to the very text: two mentions of a random number are two numbers.
        relation = salted(relation, "volatile", h("volatile", quoted(tree.sql(comments=False))))
    return Statement(
        relation,
        tuple(dict.fromkeys(reader.problems)),
        tuple(dict.fromkeys(reader.clashes)),
        tuple(sorted(reader.unknown)),
        reader.volatile,
        reader.clocks,
    )


def _unread(tree: exp.Query, reason: str, tables: Tables, texts: Texts) -> Statement:
    """Take a statement for something that depends on all it reads, and on its every letter."""
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    inputs = []
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not (
            table.name.lower() in own and not table.args.get("db")
        ):
            inputs.append(tables(table))
    plain = tree.copy()
    for table in plain.find_all(exp.Table):  # another schema is no other statement
        if table.args.get("db") and isinstance(table.this, exp.Identifier):
            table.set("db", None)
            table.set("catalog", None)
    # The parser writes several texts alike: paths into JSON, formats of time.
    said = map(quoted, (plain.sql(comments=False), *texts.all))
    made = h("unread", *said, *(relation.whole for relation in inputs))
    return Statement(opaque(made, inputs), unread=reason, volatile=False)
