"""SQL that a run with ``--defer`` compiled, read as if nothing had been deferred.

Such a run writes production's relation wherever it did not build one itself, and says nowhere that
it did. For a comparison a parent is a parent, wherever its rows were read.
"""

from __future__ import annotations

from msgspec.structs import replace

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code, NodeCode


def undeferred(code: Code, base: Project, head: Project) -> Code:
    """Return head's code with head's relations, where it names those that base has for parents."""
    names = {
        uid: (before.relation_name, after.relation_name)
        for uid, after in head.relations.items()
        if (before := base.relations.get(uid)) is not None
        and before.relation_name
        and after.relation_name
        and before.relation_name != after.relation_name
    }
    # Where base's name is one of head's own relations, nobody can tell which is meant.
    own = {node.relation_name for node in head.relations.values()}
    names = {uid: pair for uid, pair in names.items() if pair[0] not in own}
    if not names:
        return code
    nodes = {uid: _undeferred(uid, one, head, names) for uid, one in code.nodes.items()}
    return replace(code, nodes=nodes)


def _undeferred(
    uid: str, node: NodeCode, head: Project, names: dict[str, tuple[str, str]]
) -> NodeCode:
    text = node.compiled
    if not text:
        return node
    for parent in head.parents.get(uid, ()):
        pair = names.get(parent)
        if pair is not None and pair[0] in text:
            text = text.replace(*pair)
    return node if text is node.compiled else replace(node, compiled_code=text)
