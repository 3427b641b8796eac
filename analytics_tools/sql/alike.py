"""Values that are equal and not the same: 0.0 and -0.0, a month and thirty days, 1.0 and 1.00."""

from __future__ import annotations

from analytics_tools.sql.families import BOOLEAN, NUMBER, TEXT, TIME
from analytics_tools.sql.flags import INTEGER
from analytics_tools.sql.functions import EQUAL_IS_ALIKE
from analytics_tools.sql.relation import Value

_WHOLE = ("INT", "INT128", "BIGINT", "SMALLINT", "TINYINT")
_WITH_SCALE = ("DECIMAL(", "NUMERIC(")


def is_alike(value: Value, dialect: str) -> bool:
    """Whether any two of a column that are equal are certainly one and the same."""
    if dialect not in EQUAL_IS_ALIKE:
        return False
    kind, _, exact = value.type.partition(":")
    if kind == NUMBER:
        return bool(value.facts & INTEGER) or exact in _WHOLE or exact.startswith(_WITH_SCALE)
    if kind == TIME:  # on Trino a moment has a zone
        return bool(exact) and not (dialect == "trino" and exact.endswith("TZ"))
    return kind in (TEXT, BOOLEAN) or bool(value.facts & INTEGER)
