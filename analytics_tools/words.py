"""Names and numbers put into sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 model`` or ``3 models``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], limit: int = 6) -> str:
    """Return the names with commas, and how many more there are beyond `limit`."""
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def split_name(name: str) -> list[str]:
    """Return the words of a name in lower case: ``EmailAddress`` and ``email_address`` alike."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]
