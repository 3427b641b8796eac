"""Can those outside rely on the model, and do they know whom to ask?"""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import counted, listed


@rule("GOV001", Area.GOVERNANCE, 6)
def public_model_has_contract(model: Model, _facts: Facts) -> Finding | None:
    """A public model has an enforced contract.

    Public says: build on this. A contract makes dbt hold to the columns and types promised.
    """
    if not model.is_public or model.has_contract:
        return None
    return Finding(
        points=6,
        message="the model is public, but no contract is enforced",
        fix="set contract: {enforced: true} and give every column a data_type",
    )


@rule("GOV002", Area.GOVERNANCE, 4)
def public_model_has_owner(model: Model, _facts: Facts) -> Finding | None:
    """A public model has an owner: a group, or `owner` in meta.

    Somebody has to decide when people outside ask for a change.
    """
    if not model.is_public or owner_of(model):
        return None
    return Finding(
        points=4,
        message="the model is public, but names neither a group nor an owner",
        fix="give it a group, or meta: {owner: ...}",
    )


@rule("GOV003", Area.GOVERNANCE, 5)
def deprecated_model_is_gone(model: Model, facts: Facts) -> Finding | None:
    """A model past its deprecation date is gone, and nobody reads it.

    The date is compared with the day the manifest was written. Costs 5 points with readers, 3
    without.
    """
    date = (model.deprecation_date or "")[:10]
    if not date or date >= facts.project.generated_at[:10]:
        return None
    models = facts.project.models
    readers = [uid for uid in facts.project.children[model.unique_id] if uid in models]
    if not readers:
        return Finding(
            points=3,
            message=f"deprecated since {date}, and nothing reads it any more",
            fix="remove the model",
        )
    names = [models[uid].label for uid in readers]
    return Finding(
        points=5,
        message=f"deprecated since {date}, and still read by {counted(len(names), 'model')}: "
        + listed(names),
        fix="move its readers to what replaces it, then remove it",
        nodes=tuple(readers),
    )


def owner_of(model: Model) -> str:
    """Return who answers for the model: its group, or `owner` in its meta; empty when nobody."""
    owner = meta_of(model).get("owner")
    return model.group or model.config.group or (str(owner) if owner else "")
