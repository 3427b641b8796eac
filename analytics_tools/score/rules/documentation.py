"""Can a reader learn what the model and its columns mean?"""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import counted, listed

_PLACEHOLDERS = {"", "todo", "tbd", "fixme", "n/a", "na", "none", "-", "description", "..."}
_LONGEST_PLACEHOLDER = max(map(len, _PLACEHOLDERS))
_COLUMN_POINTS = 15


def is_described(description: str | None, name: str) -> bool:
    """Whether a description says anything beyond a placeholder or the name itself."""
    text = (description or "").strip()
    if len(text) > _LONGEST_PLACEHOLDER + len(name):
        return True
    text = text.rstrip(".").lower()
    return text not in _PLACEHOLDERS and text != name.lower()


@rule("DOC001", Area.DOCUMENTATION, 10)
def model_is_described(model: Model, _facts: Facts) -> Finding | None:
    """The model has a description.

    Without one, nobody can tell whether this is the table they look for. A placeholder, or the
    model's own name, doesn't count.
    """
    if is_described(model.description, model.name):
        return None
    return Finding(
        points=10,
        message="the model has no description",
        fix="say in YAML what one row is, and what the model is for",
    )


@rule("DOC002", Area.DOCUMENTATION, _COLUMN_POINTS)
def columns_are_described(model: Model, facts: Facts) -> Finding | None:
    """Every column has a description.

    Costs the undescribed share of 15 points. Columns are those of the catalog and of YAML
    together; without a catalog only those of YAML. A step (an ephemeral model, a view that only
    staging models read) that declares no column is passed over: no reader sees its columns.
    """
    if not model.columns and facts.is_step(model):
        return None
    columns = facts.columns(model)
    declared, known = columns.declared, {**columns.declared_names, **columns.built}
    if not known:
        return Finding(
            points=_COLUMN_POINTS,
            message="no column is declared in YAML",
            fix="declare the columns beside the model, each with a description",
        )
    bare = [
        name
        for key, name in known.items()
        if key not in declared or not is_described(declared[key].description, key)
    ]
    if not bare:
        return None
    share = (len(bare) * _COLUMN_POINTS + len(known) - 1) // len(known)
    undeclared = sum(key not in declared for key in known)
    aside = f" ({undeclared} of them not in YAML at all)" if undeclared else ""
    return Finding(
        points=share,
        message=f"{len(bare)} of {counted(len(known), 'column')} without description{aside}: "
        + listed(bare),
        fix="describe them in YAML: meaning, unit, and when they are null",
        columns=tuple(bare),
    )


@rule("DOC003", Area.DOCUMENTATION, 6)
def declared_columns_exist(model: Model, facts: Facts) -> Finding | None:
    """Every column declared in YAML exists in the catalog.

    A column described but gone misleads, and its tests fail or were never run. Costs 2 points for
    each. Silent without a catalog.
    """
    real = facts.columns(model).built
    if not real:
        return None
    # `address.city` declares a field of the record `address`.
    gone = [
        column.name
        for key, column in facts.columns(model).declared.items()
        if key not in real and key.partition(".")[0] not in real
    ]
    if not gone:
        return None
    return Finding(
        points=2 * len(gone),
        message=f"{counted(len(gone), 'column')} of YAML not in the catalog: {listed(gone)}",
        fix="remove them from YAML or correct the spelling, or build the model anew",
        columns=tuple(gone),
    )
