"""Facts about a value, as flags: what `facts` finds out, told apart from the parser it needs."""

from __future__ import annotations

FILLED, EXACT, TEXT, DOUBLE, INTEGER, SMALL, WIDE = 1, 2, 4, 8, 16, 32, 64
FROM_ZERO, FROM_ONE = 128, 256
# Facts about the type.
OF_TYPE = EXACT | TEXT | DOUBLE | INTEGER | WIDE
# A whole number that is zero or more, or one or more, where it isn't null.
OF_COUNT = FROM_ZERO | FROM_ONE
# Facts that an outer join leaves as they are.
OR_NULL = OF_TYPE | OF_COUNT
