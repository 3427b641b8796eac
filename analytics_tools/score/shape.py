"""The shape of a model's SQL, read from its syntax tree: joins, aggregation, a star at the end.

The parser is loaded when first needed. Rules look at the text first and come here only where it
says that there may be something to find, for parsing costs a hundred times more than looking.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from analytics_tools.artifacts import Model
from analytics_tools.sql.text import bare_sql, in_lower_case

if TYPE_CHECKING:
    from sqlglot import exp

# dbt's adapters whose dialect has another name; the others are called alike, or read as plain SQL.
_DIALECTS = {"sqlserver": "tsql", "fabric": "tsql", "synapse": "tsql", "impala": "hive"}
_KNOWN = {
    "athena", "bigquery", "clickhouse", "databricks", "doris", "duckdb", "fabric", "hive", "mysql",
    "oracle", "postgres", "redshift", "snowflake", "spark", "sqlite", "starrocks", "teradata",
    "trino", "tsql",
}  # fmt: skip
_REFERENCE = re.compile(r"\{\{\s*(?:ref|source)\(([^}]*)\)\s*\}\}")
_LONGEST = 200_000
_ROW_ARGUMENTS = {"this", "with", "with_", "from", "from_", "joins", "laterals"}
_LAST_STAR = re.compile(r"select(?<!\wselect)\s+\*\s+from\s+(\w+)\s*;?\s*$")
_FROM = re.compile(r"from(?<!\wfrom)(?!\w)")


class Shape(NamedTuple):
    """What the main query and the queries it is made of do.

    `joins` counts joins of relations (not of a row's own arrays), `aggregates` says whether rows
    are grouped, `star_of` is the relation whose columns the result takes over unlisted, or empty;
    `is_ordered` says whether the result is sorted without a limit.
    """

    joins: int
    aggregates: bool
    star_of: str
    is_ordered: bool


def shape_of(model: Model, adapter: str) -> Shape | None:
    """Return the shape of the model's SQL, or None where it can't be parsed for certain."""
    if model.language not in (None, "sql"):
        return None
    compiled = model.compiled
    if compiled:
        return _shape(compiled, adapter)
    # Without compiled code, SQL that Jinja only fills with relations can be read all the same.
    code = _REFERENCE.sub(lambda match: "_".join(re.findall(r"\w+", match.group(1))), model.code)
    return None if "{{" in code or "{%" in code else _shape(code, adapter)


def may_end_in_star(code: str) -> bool:
    """Whether the text leaves it open that the result's columns are taken over unlisted.

    ``select * from final`` is no star when `final` begins its list with anything else.
    """
    if "*" not in code:
        return False
    bare = in_lower_case(bare_sql(code)).strip()
    last = _LAST_STAR.match(bare, bare.rfind("select"))
    if last is None:
        return True
    name = re.escape(last.group(1))  # first, for a word that begins a pattern is found at once
    cte = rf"{name}(?<!\w{name})\s+as\s+(?:materialized\s+)?\(\s*select\s+(?:distinct\s+)?"
    begin = re.search(cte, bare)
    if begin is None:
        return True
    listed = _FROM.split(bare[begin.end() :], maxsplit=1)[0]
    return re.match(r"\*|[\w\"`]+\.\*", listed) is not None or ".*" in listed


@functools.lru_cache(maxsize=64)  # several rules ask about one model in a row
def _shape(code: str, adapter: str) -> Shape | None:
    if len(code) > _LONGEST:
        return None
    import logging

    import sqlglot

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    name = _DIALECTS.get(adapter, adapter)
    try:
        trees = sqlglot.parse(code.replace("\x00", "_"), dialect=name if name in _KNOWN else None)
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return None
    queries = [tree for tree in trees if tree is not None]
    if len(queries) != 1 or not isinstance(queries[0], sqlglot.exp.Query):
        return None
    return _read(queries[0])


def _read(query: exp.Query) -> Shape:
    from sqlglot import exp

    parts = _main_queries(query)
    joins = sum(
        isinstance(join.this, exp.Table | exp.Subquery) and not _is_own_array(join.this)
        for part in parts
        for join in part.args.get("joins") or ()
    )
    ordered = query.args.get("order") is not None and query.args.get("limit") is None
    return Shape(joins, any(map(_aggregates, parts)), _star_of(query), ordered)


def _main_queries(query: exp.Query) -> list[exp.Select]:
    """Return the selects that make the rows: of CTEs, unions and FROM, not those of conditions."""
    from sqlglot import exp

    return [select for select in query.find_all(exp.Select) if _makes_rows(select)]


def _makes_rows(select: exp.Select) -> bool:
    """Whether the way up leads through FROM, JOIN, WITH and set operations alone."""
    from sqlglot import exp

    node: exp.Expr = select
    while node.parent is not None:
        if isinstance(node.parent, exp.Select | exp.Join) and node.arg_key not in _ROW_ARGUMENTS:
            return False
        node = node.parent
    return True


def _is_own_array(joined: exp.Expr) -> bool:
    """Whether what is joined are the elements of a row's own array, or a function's rows."""
    from sqlglot import exp

    if isinstance(joined, exp.Table):
        return not isinstance(joined.this, exp.Identifier)
    return joined.find(exp.Table) is None


def _aggregates(select: exp.Select) -> bool:
    from sqlglot import exp

    if select.args.get("group") is not None:
        return True
    for projection in select.expressions:
        for function in projection.find_all(exp.AggFunc):
            inside = function.find_ancestor(exp.Select)
            if inside is select and function.find_ancestor(exp.Window) is None:
                return True
    return False


def _star_of(query: exp.Query) -> str:
    """Follow the star of the last select through CTEs; return the relation it ends in."""
    from sqlglot import exp

    ctes = {cte.alias_or_name.lower(): cte.this for cte in query.find_all(exp.CTE)}
    current: exp.Expr | None = query
    for _ in range(50):
        if isinstance(current, exp.Subquery):
            current = current.this
        if isinstance(current, exp.SetOperation):
            current = current.this
        if not isinstance(current, exp.Select):
            return ""
        sources = _sources(current)
        name = next((n for n in map(_starred, current.expressions) if n is not None), None)
        if name is None:
            return ""
        source = sources.get(name) if name else next(iter(sources.values()), None)
        if not isinstance(source, exp.Table):
            current = source
        elif source.db or source.name.lower() not in ctes:
            return source.name
        else:
            current = ctes[source.name.lower()]
    return ""


def _starred(projection: exp.Expr) -> str | None:
    """Return the alias before a star, empty for a bare one, None when there is no star."""
    from sqlglot import exp

    if isinstance(projection, exp.Star):
        return ""
    if isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
        return projection.table.lower()
    return None


def _sources(select: exp.Select) -> dict[str, exp.Expr]:
    start = select.args.get("from_") or select.args.get("from")
    items = [start.this] if start is not None else []
    items += [join.this for join in select.args.get("joins") or ()]
    return {item.alias_or_name.lower(): item for item in items}
