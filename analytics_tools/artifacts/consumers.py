"""What uses models: exposures, and the semantic layer with its metrics and saved queries."""

from __future__ import annotations

from typing import Any

import msgspec

from analytics_tools.artifacts.base import DependsOn, Node, Record


class Owner(Record, frozen=True):
    """Who answers for an exposure or a group. dbt allows several e-mail addresses."""

    name: str | None = None
    email: str | tuple[str, ...] | None = None

    def __str__(self) -> str:
        """``Name <mail>``, whichever halves there are."""
        mail = self.email if isinstance(self.email, str) else ", ".join(self.email or ())
        return f"{self.name} <{mail}>" if self.name and mail else self.name or mail


class Exposure(Node, frozen=True):
    """What uses the warehouse outside of dbt: a dashboard, an application, an export."""

    type: str | None = None
    label_: str | None = msgspec.field(name="label", default=None)
    url: str | None = None
    maturity: str | None = None
    owner: Owner | None = None
    depends_on: DependsOn = DependsOn()


class NameRef(Record, frozen=True):
    """A measure or metric, referred to by name, perhaps with a filter of its own."""

    name: str = ""
    filter: Any = None


class MetricAggregation(Record, frozen=True):
    """Where a metric of the newer kind aggregates directly from a semantic model."""

    semantic_model: str | None = None
    agg: str | None = None
    expr: Any = None


class MetricParams(Record, frozen=True):
    """What a metric is computed from."""

    measure: NameRef | None = None
    input_measures: tuple[NameRef, ...] | None = ()
    numerator: NameRef | None = None
    denominator: NameRef | None = None
    metrics: tuple[NameRef, ...] | None = ()
    expr: Any = None
    metric_aggregation_params: MetricAggregation | None = None


class Metric(Node, frozen=True):
    """A governed number. Before dbt 1.6 it stood directly on a model."""

    label_: str | None = msgspec.field(name="label", default=None)
    type: str | None = None
    type_params: MetricParams | None = None
    filter: Any = None
    depends_on: DependsOn = DependsOn()


class SemanticElement(Record, frozen=True):
    """An entity, dimension or measure of a semantic model."""

    name: str = ""
    type: str | None = None
    agg: str | None = None
    expr: Any = None


class SemanticModel(Node, frozen=True):
    """What MetricFlow knows of a model."""

    primary_entity: str | None = None
    entities: tuple[SemanticElement, ...] | None = ()
    dimensions: tuple[SemanticElement, ...] | None = ()
    measures: tuple[SemanticElement, ...] | None = ()
    depends_on: DependsOn = DependsOn()


class SavedQueryParams(Record, frozen=True):
    """What a saved query asks for."""

    metrics: tuple[str, ...] | None = ()
    group_by: Any = None
    where: Any = None


class SavedQuery(Node, frozen=True):
    """A metric query with a name."""

    query_params: SavedQueryParams | None = None
    depends_on: DependsOn = DependsOn()
