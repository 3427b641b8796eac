"""A manifest without the columns and the code of its models, for questions about the graph.

They are half of what a decode builds. Where a few models are wanted in full all the same, theirs
are taken from the file's bytes, which the outline still points into.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from analytics_tools.artifacts.manifest import Manifest
from analytics_tools.artifacts.nodes import CodeNode, Column, Model, NoModel

_NO_COLUMNS = msgspec.Raw(b"{}")
_NO_CODE = msgspec.Raw(b"null")


class OutlineModel(Model, frozen=True, tag="model"):
    """A model whose columns and code are still JSON: `Model`'s own fields are empty."""

    # Filed under names that no manifest has, so that they are passed over.
    columns: dict[str, Column] = msgspec.field(name="not columns", default_factory=dict)
    raw_code: str | None = msgspec.field(name="not raw_code", default=None)
    raw_sql: str | None = msgspec.field(name="not raw_sql", default=None)
    compiled_code: str | None = msgspec.field(name="not compiled_code", default=None)
    compiled_sql: str | None = msgspec.field(name="not compiled_sql", default=None)

    json_columns: msgspec.Raw = msgspec.field(name="columns", default=_NO_COLUMNS)
    json_raw_code: msgspec.Raw = msgspec.field(name="raw_code", default=_NO_CODE)
    json_raw_sql: msgspec.Raw = msgspec.field(name="raw_sql", default=_NO_CODE)
    json_compiled_code: msgspec.Raw = msgspec.field(name="compiled_code", default=_NO_CODE)
    json_compiled_sql: msgspec.Raw = msgspec.field(name="compiled_sql", default=_NO_CODE)


class _Outline(Manifest, frozen=True):
    nodes: dict[str, OutlineModel | NoModel]  # type: ignore[assignment]


decoder: msgspec.json.Decoder[Manifest] = msgspec.json.Decoder(_Outline)
_columns = msgspec.json.Decoder(dict[str, Column])
_text = msgspec.json.Decoder(str | None)


def in_full(nodes: Mapping[str, CodeNode], wanted: Collection[str]) -> dict[str, CodeNode]:
    """Return `nodes` with the columns and the code of those that are wanted.

    Raises:
        One of `UNUSUAL`: these have not the expected shape; read the whole manifest instead.
    """
    filled = {uid: _filled(nodes[uid]) for uid in wanted if uid in nodes}
    return {**nodes, **filled}


def _filled(node: CodeNode) -> CodeNode:
    if not isinstance(node, OutlineModel):
        return node
    return msgspec.structs.replace(
        node,
        columns=_columns.decode(node.json_columns),
        raw_code=_text.decode(node.json_raw_code),
        raw_sql=_text.decode(node.json_raw_sql),
        compiled_code=_text.decode(node.json_compiled_code),
        compiled_sql=_text.decode(node.json_compiled_sql),
    )
