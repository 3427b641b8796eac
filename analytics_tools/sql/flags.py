"""Facts about a value, as flags: what `facts` finds out, told apart from the parser it needs."""

from __future__ import annotations

FILLED, EXACT, TEXT, DOUBLE, INTEGER, SMALL, WIDE = 1, 2, 4, 8, 16, 32, 64
# Facts about the type, which an outer join leaves as they are.
OF_TYPE = EXACT | TEXT | DOUBLE | INTEGER | WIDE
