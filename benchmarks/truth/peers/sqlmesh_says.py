"""SQLMesh's own category of a change, as its plan finds it: first of the kind, then of the SQL."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from typing import Any

from answering import serve
from sqlglot import exp, parse_one
from sqlglot.schema import MappingSchema
from sqlmesh.core.model import create_sql_model
from sqlmesh.core.plan.common import is_breaking_kind_change
from sqlmesh.core.snapshot import Snapshot
from sqlmesh.core.snapshot.categorizer import categorize_change

_KINDS = {"view": "VIEW", "ephemeral": "EMBEDDED", "incremental": "INCREMENTAL_UNMANAGED"}


def says(uid: str, question: Any) -> dict[str, Any]:
    """Return the category of one change; none that SQLMesh finds is a matter of metadata."""
    old, new = (_snapshot(question[side][uid]) for side in ("base", "head"))
    if is_breaking_kind_change(old, new):
        return {"says": "breaking"}
    if not new.is_directly_modified(old):
        return {"says": "metadata"}
    category = categorize_change(new, old)
    return {"says": category.name.lower() if category else "unknown"}


def _snapshot(node: Any) -> Any:
    schema = MappingSchema(normalize=False)
    for name, columns in node["reads"].items():
        typed = {one: exp.DataType.build(kind, dialect="duckdb") for one, kind in columns.items()}
        schema.add_table(exp.to_table(name, dialect="duckdb"), typed)
    model = create_sql_model(
        node["name"],
        parse_one(node["sql"], dialect="duckdb"),
        dialect="duckdb",
        kind=_KINDS.get(node["kind"], "FULL"),
    )
    model.update_schema(schema)
    return Snapshot.from_node(model, nodes={})


if __name__ == "__main__":
    serve(says)
