"""What of a query decides in which order its rows come, besides the order of what it reads.

Rows that are hashed come out by their hashes, and by how many threads there were. Run on one
thread, as `changes` does, they mostly come as they went in, which says nothing of a warehouse.
"""

from __future__ import annotations

from sqlglot import exp

from analytics_tools.sql.dialect import parse

# A filter leaves rows as they come; these may not.
_WHOLE = (exp.Group, exp.Window, exp.Pivot, exp.Unnest, exp.Lateral, exp.TableSample, exp.Exists)


def arranged_by(sql: str, dialect: str) -> list[str]:
    """Return what two queries must have alike to give rows that they hold alike in one order.

    Raises UnreadableSqlError.
    """
    found: list[str] = []
    hashes_rows = False
    tree = parse(sql, dialect)
    for node in tree.walk():
        if isinstance(node, _WHOLE) or (isinstance(node, exp.In) and node.args.get("query")):
            found.append(node.sql(dialect))
        elif isinstance(node, exp.Join):
            how = [node.args.get(key) for key in ("method", "side", "kind", "on", "using")]
            found.append(f"join {how}")
        elif isinstance(node, exp.SetOperation):
            found.append(f"{type(node).__name__} {node.args.get('distinct')}")
            hashes_rows = hashes_rows or bool(node.args.get("distinct"))
        elif isinstance(node, exp.Distinct) and isinstance(node.parent, exp.Select):
            found.append(node.sql(dialect))
            hashes_rows = True
    if hashes_rows:  # and with them the order of columns
        found += [str(one.expressions) for one in tree.find_all(exp.Select)]
    return sorted(found)
