"""What becomes of values, and of those who read them, when the type of a column changes.

Where the adapter is not known, or the type isn't, the answer is `Change.UNKNOWN`, and unknown is
never called safe.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable

from analytics_tools.sql.type_names import Type, parse, spelling


class Change(enum.StrEnum):
    """What becomes of values, and of those who read them, when a type changes."""

    NONE = "none"  # another spelling of the same type
    WIDENING = "widening"  # every old value fits, unchanged
    NARROWING = "narrowing"  # some old values don't fit any more
    LOSSY = "lossy"  # values fit, but lose digits or time of day
    INCOMPATIBLE = "incompatible"  # a different kind of value: comparisons and joins break
    UNKNOWN = "unknown"


# How many decimal digits the largest integer of that many bits has.
_DIGITS = {8: 3, 16: 5, 24: 8, 32: 10, 64: 19, 128: 39, 256: 77}
_UNSIGNED_DIGITS = {**_DIGITS, 64: 20, 256: 78}
# How many digits a float of that many bits keeps exactly.
_EXACT_BITS = {32: 24, 64: 53}
_NUMERIC = {"int", "uint", "decimal", "float"}
# Of several changes inside of one type the first of these that occurs is the answer.
_WORST_FIRST = (
    Change.INCOMPATIBLE,
    Change.UNKNOWN,
    Change.LOSSY,
    Change.NARROWING,
    Change.WIDENING,
)


@functools.lru_cache(maxsize=4096)
def classify(old: str, new: str, adapter: str = "") -> Change:
    """Say what changing a column's type from `old` to `new` does, on dbt adapter `adapter`."""
    if spelling(old) == spelling(new):
        return Change.NONE
    return compare(parse(old, adapter), parse(new, adapter))


def compare(old: Type, new: Type) -> Change:
    """Say what changing from one type to the other does. Same type, other spelling: NONE."""
    if "other" in (old.family, new.family):
        return Change.UNKNOWN
    result = _compare_values(old, new)
    if old.nullable and not new.nullable:
        return Change.NARROWING if result in (Change.NONE, Change.WIDENING) else result
    if new.nullable and not old.nullable and result is Change.NONE:
        return Change.WIDENING
    return result


def _compare_values(old: Type, new: Type) -> Change:
    pair = (old.family, new.family)
    if old.family in _NUMERIC and new.family in _NUMERIC:
        return _compare_numbers(old, new)
    if pair in (("array", "array"), ("map", "map")):
        return _worst(compare(a, b) for a, b in zip(old.inner, new.inner, strict=True))
    if pair == ("struct", "struct"):
        return _compare_structs(old, new)
    if "enum" in pair and {*pair} <= {"enum", "text"}:
        return _compare_enums(old, new)
    if pair in (("text", "text"), ("char", "char")):
        return _by_limit(old.size, new.size)
    if pair in (("timestamp", "timestamp"), ("timestamptz", "timestamptz"), ("time", "time")):
        result = _by_limit(old.scale, new.scale, Change.LOSSY)
        shorter = _by_limit(old.size, new.size) is Change.NARROWING
        return Change.NARROWING if shorter and result is not Change.LOSSY else result
    if pair == ("date", "timestamp"):
        if old.size is None or new.size is None:
            return Change.UNKNOWN
        return Change.NARROWING if new.size < old.size else Change.WIDENING
    if old.family == new.family:
        return _by_limit(old.size, new.size)
    if pair in (("timestamp", "date"), ("timestamptz", "date"), ("timestamptz", "timestamp")):
        return Change.LOSSY
    # A zone is guessed from the session; char pads with blanks; JSON may hold anything.
    loose = ({"timestamp", "timestamptz"}, {"date", "timestamptz"}, {"char", "text"})
    if {*pair} in loose or {*pair} & {"json", "variant", "object"}:
        return Change.UNKNOWN
    return Change.INCOMPATIBLE


def _worst(changes: Iterable[Change]) -> Change:
    found = set(changes)
    return next((change for change in _WORST_FIRST if change in found), Change.NONE)


def _compare_structs(old: Type, new: Type) -> Change:
    """Compare two records by the names of their fields."""
    after = dict(zip(new.names, new.inner, strict=True))
    if any(name not in after for name in old.names):
        return Change.INCOMPATIBLE
    inside = _worst(compare(t, after[n]) for n, t in zip(old.names, old.inner, strict=True))
    if old.names != new.names:
        # A further field does no harm to those who read fields by name, but `union` and `=` want
        # the same fields in the same order.
        return Change.INCOMPATIBLE if inside is Change.INCOMPATIBLE else Change.UNKNOWN
    return inside


def _compare_enums(old: Type, new: Type) -> Change:
    """Compare lists of values. Their order is the order they sort in."""
    if new.family == "text":
        return Change.WIDENING if new.size is None else Change.UNKNOWN
    if old.family == "text" or not set(old.names) <= set(new.names):
        return Change.NARROWING
    if old.names == new.names:
        return Change.NONE
    kept = tuple(name for name in new.names if name in set(old.names))
    return Change.WIDENING if kept == old.names else Change.UNKNOWN


def _compare_numbers(old: Type, new: Type) -> Change:
    """Compare two numeric types by the values they hold."""
    if new.family == "float":
        if old.family == "float":
            return _by_limit(old.size, new.size, Change.LOSSY)
        bits = _EXACT_BITS.get(new.size or 0)
        if old.family == "decimal" or bits is None or old.size is None:
            return Change.LOSSY
        return Change.WIDENING if old.size <= bits else Change.LOSSY
    if old.family == "float":
        return Change.LOSSY
    if old.family == new.family and old.family in ("int", "uint"):
        return _by_limit(old.size, new.size)
    if new.family in ("int", "uint"):
        return _to_integer(old, new)
    before, after = _as_decimal(old), _as_decimal(new)
    if _by_limit(before.scale, after.scale) is Change.NARROWING:
        return Change.LOSSY
    digits = _by_limit(before.size, after.size)
    if digits is Change.NARROWING:
        return Change.NARROWING
    same = (before.size, before.scale) == (after.size, after.scale) and old.family == new.family
    return Change.NONE if same else Change.WIDENING


def _to_integer(old: Type, new: Type) -> Change:
    """From a decimal, or from an integer of the other signedness, to an integer."""
    if old.family == "decimal":
        if old.scale != 0:
            return Change.LOSSY
        digits = _DIGITS.get(new.size or 0, 0)
        fits = old.size is not None and new.family == "int" and old.size < digits
        return Change.WIDENING if fits else Change.NARROWING
    if old.family == "uint" and new.family == "int":
        return Change.WIDENING if (new.size or 0) > (old.size or 0) else Change.NARROWING
    return Change.NARROWING  # negative numbers have no place in an unsigned type


def _as_decimal(number: Type) -> Type:
    if number.family == "decimal":
        return number
    digits = _UNSIGNED_DIGITS if number.family == "uint" else _DIGITS
    return Type("decimal", digits.get(number.size or 0), 0)


def _by_limit(old: int | None, new: int | None, worse: Change = Change.NARROWING) -> Change:
    """Compare two limits, where None is no limit at all."""
    if old == new:
        return Change.NONE
    if new is None:
        return Change.WIDENING
    if old is None:
        return worse
    return Change.WIDENING if new > old else worse
