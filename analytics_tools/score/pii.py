"""What a project says about personal data, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analytics_tools.artifacts.nodes import Column
from analytics_tools.words import split_name

_MARKS = (
    "pii",
    "contains_pii",
    "is_pii",
    "has_pii",
    "sensitive",
    "is_sensitive",
    "phi",
    "personal",
)
_GRADES = ("classification", "data_classification", "sensitivity", "privacy")
_TAGS = {"pii", "contains_pii", "sensitive", "personal", "phi", "gdpr"}
_PRIVATE = re.compile(r"pii|phi\b|sensitive|personal|restricted|confidential", re.IGNORECASE)
_MASKS = (
    "mask", "masked", "masking", "masking_policy", "policy_tag", "policy_tags", "anonymized",
    "anonymised", "hashed", "tokenized", "encrypted", "redacted",
)  # fmt: skip
# Whole words of a column's name that speak of one person.
_PERSONAL = {
    ("email",), ("email", "address"), ("phone",), ("phone", "number"), ("mobile", "number"),
    ("ssn",), ("social", "security", "number"), ("passport", "number"), ("first", "name"),
    ("last", "name"), ("full", "name"), ("surname",), ("date", "of", "birth"), ("birth", "date"),
    ("dob",), ("birthdate",), ("ip", "address"), ("street", "address"),
    ("credit", "card", "number"), ("iban",), ("tax", "id"), ("medicare", "number"),
}  # fmt: skip
_SAFE_NAME = re.compile(
    r"hash|mask|redact|anonym|token|encrypt|_sk$|_key$|^(is|has)_", re.IGNORECASE
)
# What speaks of a mask in the code, right before the column's name.
_MASKING = r"(?:mask|hash|sha\d*|md5|redact|anonym|encrypt|token|pseudonym)\w*"


def is_marked(column: Column) -> bool | None:
    """Whether the project calls the column personal; None when it says neither yes nor no."""
    meta: Mapping[str, Any] = column.meta if isinstance(column.meta, dict) else {}
    if _TAGS.intersection(tag.lower() for tag in column.tags or () if isinstance(tag, str)):
        return True
    for mark in _MARKS:
        if mark in meta:
            return _is_yes(meta[mark])
    grades = [str(meta[grade]) for grade in _GRADES if grade in meta]
    if grades:
        return any(_PRIVATE.search(grade) for grade in grades)
    return None


def is_masked(column: Column, code: str) -> bool:
    """Whether something hides the values: meta says so, the name does, or the code does it."""
    meta: Mapping[str, Any] = column.meta if isinstance(column.meta, dict) else {}
    if any(_is_yes(meta[mask]) for mask in _MASKS if mask in meta) or _SAFE_NAME.search(
        column.name
    ):
        return True
    name = re.escape(column.name)
    return bool(re.search(rf"{_MASKING}\s*\([^()]*\b{name}\b", code, re.IGNORECASE))


def speaks_of_a_person(name: str) -> bool:
    """Whether a column's name can hardly mean anything but one person's data."""
    words = tuple(split_name(name))
    if _SAFE_NAME.search(name):
        return False
    return words in _PERSONAL or words[1:] in _PERSONAL


def _is_yes(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in ("", "no", "none", "false", "n")
    return bool(value)
