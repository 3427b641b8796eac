"""What names tell: who owns a model, and what a model or a key is about."""

from __future__ import annotations

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.layers import PREFIXES


def owner_of(model: Model) -> str:
    """Return who answers for the model: its group, or `owner` in its meta; empty when nobody."""
    owner = meta_of(model).get("owner")
    return model.group or model.config.group or (str(owner) if owner else "")


def entity_of(name: str) -> str:
    """Return what a model or key is about, in the singular: ``customer`` for `dim_customers`."""
    head = name.lower().rpartition("__")[2]
    for prefix in PREFIXES:
        head = head.removeprefix(prefix)
    if head.endswith("ies"):
        return head[:-3] + "y"
    if head.endswith(("sses", "shes", "ches", "xes")):
        return head[:-2]
    return head[:-1] if head.endswith("s") and not head.endswith("ss") else head


def dimensions_first(model: Model) -> tuple[bool, str]:
    """Return what sorts models by name, dimensions before all others."""
    return not model.name.startswith("dim_"), model.unique_id
