"""First descriptions: what a column's name, type and values say, in a sentence that is true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analytics_tools.scaffold.names import sentence, spoken

if TYPE_CHECKING:
    from analytics_tools.scaffold.columns import Staged

_KNOWN = {
    "loaded_at": "When the row was delivered (UTC).",
    "created_at": "When the {entity} was created (UTC).",
    "updated_at": "When this version was made (UTC).",
    "deleted_at": "When the {entity} was deleted at the source, if ever (UTC).",
    "is_deleted": "Whether the {entity} was deleted at the source.",
    "email": "E-mail address.",
    "phone": "Telephone number.",
    "currency": "Currency of the amounts, three letters.",
    "country_code": "Country, as a code of letters.",
}


def describe(column: Staged, entity: str) -> str:
    """Return a description of a staged column of a table with one `entity` a row."""
    if column.seen.comment.strip():
        return harmless(column.seen.comment.strip())
    name, kind = column.name, spoken(entity)
    if column.role == "key":
        return f"The key of the {kind}."
    is_time = column.group == "timestamps"
    if name in _KNOWN and (is_time or not name.endswith("_at")):
        return _KNOWN[name].format(entity=kind)
    if column.role == "id":
        return f"Which {spoken(re.sub(r'_(id|key|uuid|guid)$', '', name))} it belongs to."
    return _by_type(column, kind)


def _by_type(column: Staged, entity: str) -> str:
    name, family = column.name, column.type.family
    if family == "bool":
        verb, _, rest = name.partition("_")
        said = {"is": "is", "has": "has", "was": "was", "can": "can"}[verb]
        return f"Whether the {entity} {said} {spoken(rest)}."
    if family in ("timestamp", "timestamptz") and name.endswith("_at"):
        return f"When the {entity} was {spoken(name.removesuffix('_at'))} (UTC)."
    if family == "date" and name.endswith("_on"):
        return f"Day on which the {entity} was {spoken(name.removesuffix('_on'))}."
    if family == "date":
        return f"Day of {spoken(re.sub(r'_(date|day)$', '', name))}."
    if name.endswith("_cents"):
        return f"{sentence(spoken(name.removesuffix('_cents')))} in whole cents."
    if column.group == "numbers":
        return f"{sentence(spoken(name))}, as counted at the source."
    if len(column.seen.values) > 1:
        return f"{_either(column.seen.values)}."
    return f"{sentence(spoken(name))}, as the source says it."


def _either(values: tuple[str, ...]) -> str:
    words = [harmless(value) for value in values]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def harmless(text: str) -> str:
    """Return text that dbt, which renders descriptions as Jinja, leaves as it is."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"\{(?=[{%#])", "{ ", text)
