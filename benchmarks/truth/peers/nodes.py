"""What the other tools are asked about one edit, and what must be rebuilt by their answers.

They judge the SQL of one node at a time. What hangs on the node is the graph's to say, or, where a
tool follows columns, its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from analytics_tools.graph import Edges, reachable
from benchmarks.truth.contents import digest
from benchmarks.truth.reach import BUILT

Columns: TypeAlias = Mapping[str, Mapping[str, str]]
Names: TypeAlias = Mapping[str, str]

# What is written otherwise by the next run, though the SQL is the same.
_SETTINGS = ("unique_key", "incremental_strategy", "on_schema_change", "strategy", "updated_at",
             "check_cols", "hard_deletes", "contract", "column_types")  # fmt: skip
_PROMISED = ("name", "data_type", "constraints")
_KEPT = ("incremental", "snapshot")
_RELATION = re.compile(r'"?\w+"?(\."?\w+"?){2}')


class Node(msgspec.Struct):
    """A node of one side, as a tool gets it.

    `sql` is compiled, for a seed its checksum, and empty where nothing was compiled; `kind` how it
    is materialized; `reads` the columns, with their types, of the relations it may read; `settings`
    and `raw` are digests: of what decides how it is written, and of its code before it is compiled.
    """

    name: str
    kind: str
    sql: str = ""
    parents: list[str] = []
    reads: Columns = {}
    settings: str = ""
    raw: str = ""


class Answer(msgspec.Struct):
    """What a tool says of one node: `below` are the nodes it names itself, where it does."""

    says: str
    below: list[str] | None = None
    failed: str = ""


Nodes: TypeAlias = Mapping[str, Node]


def sides(base: Any, columns: Columns, head: Any, built: Columns) -> tuple[Nodes, Nodes]:
    """Return the nodes of two manifests.

    A relation that only has another alias, and a source that is a path to files, stand under one
    name on both sides: the tools know relations by the names of nodes and sources. And what lists
    dbt's graph does so in the order in which files were read, which says nothing of an edit.

    Args:
        columns: those of the base, with their types.
        built: those of what head has built; their types are taken from the base, where it has them.
    """
    names = {**_names(head), **_names(base)}
    typed = {
        uid: {name.lower(): columns.get(uid, {}).get(name.lower(), "unknown") for name in found}
        for uid, found in built.items()
    }
    before, after = _side(base, names, columns), _side(head, names, {**columns, **typed})
    for uid in before.keys() & after.keys():
        if before[uid].raw == after[uid].raw and _lines(before[uid]) == _lines(after[uid]):
            after[uid].sql = before[uid].sql
    return before, after


def _lines(node: Node) -> list[str]:
    return sorted(node.sql.splitlines())


def _names(manifest: Any) -> Names:
    found = {}
    for uid, one in {**manifest["nodes"], **manifest["sources"]}.items():
        relation = one.get("relation_name") or ""
        made = "__".join(uid.split(".")[2:])
        found[uid] = relation if _RELATION.fullmatch(relation) else f'"bench"."named"."{made}"'
    return found


def _side(manifest: Any, names: Names, columns: Columns) -> dict[str, Node]:
    nodes = {uid: one for uid, one in manifest["nodes"].items() if uid.startswith(BUILT)}
    return {uid: _node(uid, one, manifest, names, columns) for uid, one in nodes.items()}


def _node(uid: str, one: Any, manifest: Any, names: Names, columns: Columns) -> Node:
    kind = one["config"].get("materialized")
    sql = one["checksum"]["checksum"] if kind == "seed" else one.get("compiled_code") or ""
    read = set(_read(uid, manifest))
    for parent in sorted(read):
        known = manifest["nodes"].get(parent) or manifest["sources"].get(parent)
        if known.get("relation_name"):
            sql = sql.replace(known["relation_name"], names[parent])
    return Node(
        names[uid],
        kind,
        sql,
        _parents(one),
        {names[parent]: columns[parent] for parent in sorted(read) if parent in columns},
        _settings(one),
        digest([one.get("raw_code") or ""]),
    )


def _settings(one: Any) -> str:
    """Return a digest of what decides how a relation is written, besides its SQL."""
    config = one["config"]
    promised = one["columns"].values() if (config.get("contract") or {}).get("enforced") else ()
    parts = [
        one.get("relation_name"),
        one.get("constraints"),
        [config.get(key) for key in _SETTINGS],
        [[column.get(key) for key in _PROMISED] for column in promised],
    ]
    return digest([json.dumps(parts, default=str)])


def _parents(one: Any) -> list[str]:
    return list((one.get("depends_on") or {}).get("nodes") or ())


def _read(uid: str, manifest: Any) -> Iterator[str]:
    """Yield the relations a node reads; an ephemeral one is part of its readers' SQL."""
    for parent in _parents(manifest["nodes"][uid]):
        if parent in manifest["nodes"] or parent in manifest["sources"]:
            yield parent
        node = manifest["nodes"].get(parent)
        if node and node["config"].get("materialized") == "ephemeral":
            yield from _read(parent, manifest)


def asked(base: Nodes, head: Nodes) -> set[str]:
    """Return the nodes that a tool is asked about."""
    return {uid for uid, node in head.items() if _change(base.get(uid), node) == "asked"}


def _change(before: Node | None, after: Node) -> str:
    """Say what one needs no tool for; `asked` where one does."""
    if before is None:
        return "breaking"
    if (before.sql, before.kind) != (after.sql, after.kind):
        both = before.sql and after.sql and "seed" not in (before.kind, after.kind)
        return "asked" if both else "breaking"
    # Compiled SQL doesn't show what a later run does.
    later = after.kind in _KEPT and before.raw != after.raw
    return "non_breaking" if later or before.settings != after.settings else "none"


def predicted(base: Nodes, head: Nodes, answers: Mapping[str, Answer], children: Edges) -> set[str]:
    """Return what must be rebuilt by the answers of a tool; no answer is a breaking change."""
    found: set[str] = set()
    for uid, node in head.items():
        says = _change(base.get(uid), node)
        answer = answers.get(uid, Answer("unknown")) if says == "asked" else Answer(says)
        found |= _rebuilt(uid, answer, children)
        if uid in base and base[uid].settings != node.settings:
            found.add(uid)
    return {uid for uid in found if uid in head and head[uid].kind != "ephemeral"}


def _rebuilt(uid: str, answer: Answer, children: Edges) -> set[str]:
    if answer.says in ("none", "metadata"):
        return set()
    if answer.below is not None:
        return {uid, *answer.below}
    return {uid} if answer.says == "non_breaking" else reachable([uid], children)
