"""The frame that every JSON document has."""

from __future__ import annotations

from typing import Any

import msgspec

from analytics_tools.artifacts import Project

# Goes up when a name goes or changes its meaning, not when one is added.
SCHEMA_VERSION = 1


def fields(answer: msgspec.Struct) -> dict[str, Any]:
    """Return the fields of an answer, ready for JSON."""
    found: dict[str, Any] = msgspec.to_builtins(answer)
    return found


def document(command: str, project: Project | None, body: dict[str, Any] | msgspec.Struct) -> str:
    """Return `body` as one JSON document, headed by the command and, if one was, what was read."""
    head: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "command": command}
    if project is not None:
        head["project"] = {
            "name": project.name,
            "adapter": project.adapter,
            "dbt_version": project.dbt_version,
            "manifest_version": project.schema_version,
            "generated_at": project.generated_at,
            "has_catalog": project.catalog is not None,
            "has_run_results": project.run_results is not None,
        }
    # Two objects become one as text: taking a large answer apart costs more than writing it.
    rest = msgspec.json.encode(body)[1:]
    encoded = msgspec.json.encode(head)[:-1] + (b"" if rest == b"}" else b",") + rest
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
