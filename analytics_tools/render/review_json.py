"""A review as JSON; docs/reference/json.md describes it."""

from __future__ import annotations

from analytics_tools.artifacts import Project
from analytics_tools.render.document import document, fields
from analytics_tools.review.answer import Review


def review_json(review: Review, project: Project, fail_on: str, met: bool) -> str:
    """Return a review as JSON; `project` is head."""
    body = fields(review)
    for entry, test in zip(body["tests"], review.tests, strict=True):
        entry["loss"] = test.is_loss
    for entry, diff in zip(body["data"], review.data, strict=True):
        entry["differs"] = diff.differs
    return document("review", project, {**body, "gate": {"fail_on": fail_on, "met": met}})
