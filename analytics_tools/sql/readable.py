"""Whether a text, as it stands in SQL, can be read as a value of another family of types."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"\s*[+-]?(0x[0-9a-f_]+|[\d_]*\.?[\d_]*(e[+-]?\d+)?|inf(inity)?|nan)\s*", re.IGNORECASE
)
_TRUTH = re.compile(r"\s*(t|f|y|n|true|false|yes|no|on|off|1|0)\s*", re.IGNORECASE)
_DAY = r"[+-]?\d{1,6}[-/\\ ]\d{1,2}[-/\\ ]\d{1,2}"
_TIME = r"\d{1,2}:\d.*"
_MOMENT = re.compile(rf"\s*({_DAY}\s*(\(bc\))?\s*([t ]\s*\d.*)?|{_TIME})", re.IGNORECASE)
# Words that some warehouse takes for a time.
_WORDS = frozenset(
    ("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "allballs")
)


def may_be(family: str, text: str, dialect: str) -> bool:
    """Whether a text may be a value of a family; of one nobody knows, any may be."""
    if family == "number":  # others write money, and points otherwise
        return bool(_NUMBER.fullmatch(text)) or not re.search(r"[^\W\d]", text)
    if family == "boolean":
        return bool(_TRUTH.fullmatch(text))
    if family != "time" or text.strip().lower() in _WORDS:
        return True
    if dialect == "duckdb":
        return bool(_MOMENT.fullmatch(text))
    return any(map(str.isdigit, text))
